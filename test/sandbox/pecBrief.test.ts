import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { briefOriginal } from '../../sandbox/pec/briefOriginal.ts';
import { titleOf } from '../servers/mailServers.ts';
import { CLIENTE, PecDesk, STUDIO } from './pecDesk.ts';
import { MAILBOXES, sharedOver } from './pecMailboxes.ts';

function sha1(text: string): string {
	return createHash('sha1').update(text, 'latin1').digest('hex');
}

function brief(lines: readonly string[]): string[] {
	return briefOriginal(Buffer.from(lines.join('\r\n'), 'latin1'))
		.toString('latin1')
		.split('\r\n');
}

const TOP = ['From: a@pec.alfa.test', 'Subject: Prova'];
const PDF = ['JVBERi0xLjQKJcOkw7zDtsOf', 'CjIgMCBvYmoKPDwvTGVuZ3Ro'];

function hashPart(name: string, content: string): string[] {
	return [
		`Content-Type: text/plain; name="${name}.hash"`,
		`Content-Disposition: attachment; filename="${name}.hash"`,
		'Content-Transfer-Encoding: 7bit',
		'',
		sha1(content),
	];
}

function mixed(parts: readonly (readonly string[])[]): string[] {
	return [
		...TOP,
		'Content-Type: multipart/mixed; boundary=b',
		'',
		...parts.flatMap((part) => ['--b', ...part]),
		'--b--',
		'',
	];
}

const TEXT = ['Content-Type: text/plain', '', 'ciao', ''];

describe('the original of a brief receipt', () => {
	it.each([
		[
			'a file name',
			['Content-Type: application/pdf', 'Content-Disposition: attachment; filename=a.pdf'],
		],
		['a name only', ['Content-Type: application/pdf; name="a.pdf"']],
		['an RFC 2231 name', ['Content-Disposition: attachment; filename*0=a; filename*1=.pdf']],
	])('has the SHA-1 of the encoded bytes in place of a part with %s', (_, fields) => {
		const part = [...fields, 'Content-Transfer-Encoding: base64', '', ...PDF];
		expect(brief(mixed([TEXT, part]))).toEqual(mixed([TEXT, hashPart('a.pdf', PDF.join('\r\n'))]));
	});

	it('keeps the other fields of a replaced part', () => {
		const part = ['Content-ID: <1@a>', 'Content-Type: image/png; name=logo.png', '', 'iVBOR'];
		expect(brief(mixed([part]))).toEqual(
			mixed([['Content-ID: <1@a>', ...hashPart('logo.png', 'iVBOR')]]),
		);
	});

	it('has the SHA-1 of an attached message in its place, whatever the message holds', () => {
		const inner = [...TOP, 'Content-Type: application/pdf; name=a.pdf', '', ...PDF];
		const part = ['Content-Type: message/rfc822', '', ...inner];
		expect(brief(mixed([part]))).toEqual(mixed([hashPart('message', inner.join('\r\n'))]));
	});

	it('replaces in the signed part of a signed message, and leaves the signature', () => {
		const signed = (content: readonly string[]): string[] => [
			...TOP,
			'Content-Type: multipart/signed; boundary=s',
			'',
			'--s',
			...content,
			'--s',
			'Content-Type: application/pkcs7-signature; name=smime.p7s',
			'',
			'MIIB',
			'--s--',
			'',
		];
		const content = ['Content-Type: application/pdf; name=a.pdf', '', ...PDF];
		expect(brief(signed(content))).toEqual(signed(hashPart('a.pdf', PDF.join('\r\n'))));
	});

	it.each(['application/pkcs7-mime', 'application/x-pkcs7-mime'])('leaves %s whole', (type) => {
		const opaque = [...TOP, `Content-Type: ${type}; name=smime.p7m`, '', 'MIIB', ''];
		expect(brief(opaque)).toEqual(opaque);
	});

	it('leaves a message without files byte for byte', () => {
		const plain = mixed([TEXT, ['Content-Type: text/html', '', '<p>', '']]);
		expect(brief(plain)).toEqual(plain);
	});
});

describe.each(MAILBOXES)('what the sender asks for', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		describe('X-TipoRicevuta', () => {
			let desk: PecDesk;
			sharedOver(where, async (mailboxes) => (desk = await PecDesk.open({}, mailboxes)));

			it.each([
				['breve', 'breve', /filename="atto\.pdf\.hash"/],
				[' SINTETICA ', 'sintetica', undefined],
				['completa', 'completa', /filename=atto\.pdf\r/],
				['qualsiasi', 'completa', /filename=atto\.pdf\r/],
			])('%j gives a receipt with %s content', async (asked, content, fileName) => {
				await desk.startOver();
				await desk.send({
					to: CLIENTE,
					subject: 'Prova',
					text: 'ciao',
					headers: { 'X-TipoRicevuta': asked },
					attachments: [{ filename: 'atto.pdf', content: Buffer.from('%PDF contenuto') }],
				});
				const receipt = (await desk.mails(STUDIO))[1]?.toString('latin1') ?? '';
				const [xml = ''] =
					/(?<=daticert\.xml"\r\nContent-Transfer-Encoding: base64\r\n\r\n)[\w+/=\r\n]+/.exec(
						receipt,
					) ?? [];
				expect(Buffer.from(xml, 'base64').toString()).toContain(`<ricevuta tipo="${content}" />`);
				expect(receipt.includes('postacert.eml"')).toBe(fileName !== undefined);
				if (fileName !== undefined) expect(receipt).toMatch(fileName);
				expect((await desk.mails(CLIENTE))[0]?.toString('latin1')).toContain(
					`\r\nX-Tiporicevuta: ${content}\r\n`,
				);
			});
		});
	});
});
