import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signDetached } from '../../sandbox/pki/cms.ts';
import { createPki, type SignerCertificates } from '../../sandbox/pki/hierarchy.ts';
import { writeDaticert } from './pecWriter.ts';

const run = promisify(execFile);
const MB = 1024 * 1024;
const SIZE = 50 * MB;
/** Of the message, which is among it. */
const TIMES = 3;
const AT = new Date('2026-01-31T23:30:12Z');
const DOMAIN = 'pec.provider.example';
const HERE = import.meta.dirname;

let folder: string;
let ca: string;
let signer: SignerCertificates;
let empty: number;

beforeAll(async () => {
	folder = mkdtempSync(path.join(tmpdir(), 'pec-memory-'));
	ca = path.join(folder, 'ca.pem');
	const providers = [{ name: 'Provider S.p.A.', domain: DOMAIN }];
	const pki = await createPki({ providers, now: AT, tls: 'valid' });
	writeFileSync(ca, pki.pecCa);
	const own = pki.signers.get(DOMAIN);
	if (!own) throw new Error('no signer');
	signer = own;
	empty = (await read(envelope(postacert(original([]))))).peak;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function part(headers: readonly string[], body: Buffer): Buffer {
	return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n\r\n`), body]);
}

function multipart(type: string, boundary: string, parts: readonly Buffer[]): Buffer {
	const pieces = parts.flatMap((each) => [Buffer.from(`\r\n--${boundary}\r\n`), each]);
	const body = Buffer.concat([...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)]);
	return part([`Content-Type: ${type}; boundary=${boundary}`], body);
}

function original(parts: readonly Buffer[]): Buffer {
	const header = 'From: a@sender.example\r\nMessage-ID: <first@sender.example>\r\n';
	return Buffer.concat([Buffer.from(header), multipart('multipart/mixed', 'o', parts)]);
}

function postacert(content: Buffer, encoding = '7bit'): Buffer {
	const type = 'Content-Type: message/rfc822; name="postacert.eml"';
	return part([type, `Content-Transfer-Encoding: ${encoding}`], content);
}

function file(encoding: string, body: Buffer): Buffer {
	const type = 'Content-Type: application/octet-stream; name=file.bin';
	return part([type, `Content-Transfer-Encoding: ${encoding}`], body);
}

function text(type: string, body: Buffer, encoding = '8bit'): Buffer {
	return part([`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`], body);
}

/** A transport envelope, signed. */
function envelope(holder: Buffer): Buffer {
	const xml = Buffer.from(writeDaticert({ tipo: 'posta-certificata' })).toString('base64');
	const daticert = part(
		['Content-Type: application/xml; name="daticert.xml"', 'Content-Transfer-Encoding: base64'],
		Buffer.from(xml),
	);
	const signed = multipart('multipart/mixed', 'm', [daticert, holder]);
	const signature = part(
		['Content-Type: application/pkcs7-signature', 'Content-Transfer-Encoding: base64'],
		Buffer.from(signDetached(signer, signed, { at: AT, digest: 'sha256' }).toString('base64')),
	);
	const header = `From: posta-certificata@${DOMAIN}\r\nX-Trasporto: posta-certificata\r\n`;
	const protocol = 'multipart/signed; protocol="application/pkcs7-signature"';
	return Buffer.concat([Buffer.from(header), multipart(protocol, 's', [signed, signature])]);
}

const lines = (line: string, size = SIZE) => {
	const bytes = Buffer.from(`${line}\r\n`, 'latin1');
	return Buffer.alloc(size - (size % bytes.length), bytes);
};
const base64 = (size = SIZE) => lines('QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlq', size);

function base64Of(content: Buffer): Buffer {
	const pieces: Buffer[] = [];
	for (let at = 0; at < content.length; at += 57 * 1000) {
		const text64 = content.toString('base64', at, at + 57 * 1000);
		pieces.push(Buffer.from(text64.replace(/.{1,76}/g, '$&\r\n')));
	}
	return Buffer.concat(pieces);
}

function withLf(bytes: Buffer): Buffer {
	return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

interface Reading {
	readonly peak: number;
	readonly size: number;
	readonly text: number;
	readonly files: number;
}

async function read(raw: Buffer): Promise<Reading & object> {
	const name = path.join(folder, 'message.eml');
	writeFileSync(name, raw);
	const args = ['--no-warnings', '--import', '../nodeSources.ts', 'peakOfReading.ts', name, ca];
	const { stdout } = await run(process.execPath, args, { cwd: HERE });
	return JSON.parse(stdout) as Reading;
}

const nested = (content: Buffer, levels: number): Buffer =>
	levels === 0
		? content
		: nested(
				multipart('multipart/mixed', `n${levels}`, [
					part(['Content-Type: message/rfc822'], content),
				]),
				levels - 1,
			);

const MESSAGES: [string, () => Buffer, object][] = [
	['a file', () => envelope(postacert(original([file('base64', base64())]))), { files: 1 }],
	[
		'ten files',
		() =>
			envelope(
				postacert(original(Array.from({ length: 10 }, () => file('base64', base64(SIZE / 10))))),
			),
		{ files: 10 },
	],
	[
		'an original in base64',
		() => envelope(postacert(base64Of(original([file('base64', base64(SIZE * 0.7))])), 'base64')),
		{ files: 1 },
	],
	[
		'a file in an original ten levels deep',
		() => envelope(postacert(nested(original([file('base64', base64())]), 10))),
		{ files: 1 },
	],
	[
		'a file as it is',
		() => envelope(postacert(original([file('8bit', lines('\xe9'.repeat(60)))]))),
		{ files: 1 },
	],
	[
		'a file in quoted-printable',
		() =>
			envelope(postacert(original([file('quoted-printable', lines('=E8 vero = e poi altro='))]))),
		{ files: 1 },
	],
	[
		'a file in damaged base64',
		() => envelope(postacert(original([file('base64', lines('QUJDREVGR0hJSktMT U5PUFFS!'))]))),
		{ files: 1 },
	],
	[
		'one text',
		() => envelope(postacert(original([text('text/plain; charset=utf-8', lines('ciao a tutti'))]))),
		{ files: 1, findings: ['textTooLarge'] },
	],
	[
		'one HTML text',
		() => envelope(postacert(original([text('text/html; charset=utf-8', base64(), 'base64')]))),
		{ files: 1, findings: ['textTooLarge'] },
	],
	[
		'a thousand texts',
		() =>
			envelope(
				postacert(
					original(
						Array.from({ length: 1000 }, () =>
							text('text/plain; charset=iso-8859-1', lines('perch\xe9 no', SIZE / 1000)),
						),
					),
				),
			),
		{ findings: ['textTooLarge'] },
	],
	[
		'a file and a flowed text',
		() =>
			envelope(
				postacert(
					original([
						text('text/plain; charset=iso-8859-1; format=flowed', lines('perch\xe9 no ', 4 * MB)),
						file('base64', base64(SIZE - 4 * MB)),
					]),
				),
			),
		{ files: 1, findings: [] },
	],
	[
		'a file, with LF line ends',
		() => withLf(envelope(postacert(original([file('base64', base64())])))),
		{ files: 1 },
	],
];

describe(`an envelope of 50 MB is read and verified in less than ${TIMES} times its size`, () => {
	it.each(MESSAGES)(
		'%s',
		async (_name, write, expected) => {
			const reading = await read(write());
			expect(reading).toMatchObject({ verified: true, ...expected });
			expect((reading.peak - empty) / reading.size).toBeLessThan(TIMES);
		},
		120_000,
	);
});
