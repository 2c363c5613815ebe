import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPecHeaders, readPecMessage } from '../../nodes/pec/message.ts';
import { headerBlockOf } from '../../nodes/pec/pecKey.ts';

/** Real messages hold people's data and are not part of the repository. */
const folder = process.env.PEC_SAMPLES_DIR;
const why = folder ? '' : ' (skipped: PEC_SAMPLES_DIR names no folder with real messages)';

const OPTIONS = { trust: { issuers: [] }, now: new Date('2026-11-01T00:00:00Z') };
const sample = (file: string) => readFileSync(path.join(folder ?? '', file));

/** What INDEX.md says of the signatures, by `openssl cms -verify`. */
const INTACT = {
	consistent: true,
	verified: true,
	signature: { integrity: 'intact', signer: 'trusted', signerMatchesFrom: true, validNow: false },
};
const EDITED = {
	consistent: false,
	verified: false,
	signature: { integrity: 'altered', signer: 'trusted', reason: 'contentAltered' },
};
const PLACEHOLDER = {
	consistent: false,
	verified: false,
	signature: { integrity: 'unreadable', signer: 'unknown', reason: 'signatureUnreadable' },
};
/** Its parts cannot be told apart any more. */
const NO_MULTIPART = {
	...PLACEHOLDER,
	signature: { integrity: 'unreadable', reason: 'structureUnreadable' },
};

const ENVELOPE = { kind: 'transportEnvelope' };
const receipt = (type: string, more: object = {}) => ({
	kind: 'receipt',
	receipt: { type, ...more },
});
const UNKNOWN_ADDRESS = { error: { status: '5.1.1', reason: 'addressUnknown' } };

describe.skipIf(!folder)(`real messages${why}`, () => {
	it.each<[string, object, string[]]>([
		['aruba-2014/envelope-1.eml', { ...ENVELOPE, ...INTACT }, []],
		['aruba-2014/acceptance.eml', { ...receipt('acceptance', { final: true }), ...INTACT }, []],
		[
			'aruba-2014/delivery-complete.eml',
			{ ...receipt('delivery', { content: 'complete' }), ...INTACT },
			[],
		],
		['aruba-2018/acceptance.eml', { ...receipt('acceptance'), ...INTACT }, []],
		[
			'aruba-2018/delivery-complete.eml',
			{ ...receipt('delivery', { content: 'complete' }), ...INTACT },
			[],
		],
		['sdi/broken-xml-edited.eml', { ...ENVELOPE, ...EDITED }, ['signatureAltered']],
		[
			'sdi/no-daticert-edited.eml',
			{ ...ENVELOPE, ...EDITED },
			['daticertMissing', 'signatureAltered'],
		],
		['sdi/sdi-receipt-edited.eml', { ...ENVELOPE, ...EDITED }, ['signatureAltered']],
		[
			'anonymised/accettazione.eml',
			{ ...receipt('acceptance'), ...PLACEHOLDER },
			['signatureUnreadable'],
		],
		// Anonymised with another domain in the header than in the data.
		[
			'anonymised/consegna.eml',
			{ ...receipt('nonDelivery', UNKNOWN_ADDRESS), ...PLACEHOLDER },
			['messageIdMismatch', 'signatureUnreadable'],
		],
		[
			'anonymised/email_2.eml',
			{ ...receipt('delivery', { content: 'complete' }), ...PLACEHOLDER },
			['signatureUnreadable'],
		],
		[
			'anonymised/email_3.eml',
			{ ...ENVELOPE, ...PLACEHOLDER },
			['messageIdMismatch', 'signatureUnreadable'],
		],
		[
			'anonymised/biagioT-accettazione.eml',
			{ ...receipt('acceptance'), ...NO_MULTIPART },
			['signatureUnreadable'],
		],
		[
			'anonymised/biagioT-consegna.eml',
			{ ...receipt('nonDelivery', UNKNOWN_ADDRESS), ...NO_MULTIPART },
			['messageIdMismatch', 'signatureUnreadable'],
		],
		[
			'skeleton/placeholder-signature.eml',
			{ kind: 'ordinary', verified: false, signature: { integrity: 'unreadable' } },
			[],
		],
	])('%s', async (file, expected, findings) => {
		const message = await readPecMessage(sample(file), OPTIONS);
		expect(message).toMatchObject(expected);
		expect(message.findings.map(({ code }) => code)).toEqual(findings);
	});

	it.each([
		['aruba-2014/envelope-1.eml', '2014-11-07T15:52:00.000Z'],
		['aruba-2014/acceptance.eml', '2014-11-14T17:26:32.000Z'],
		['sdi/sdi-receipt-edited.eml', '2018-11-13T15:47:32.000Z'],
	])('%s is certified at its time', async (file, at) => {
		const { certification } = await readPecMessage(sample(file), OPTIONS);
		expect(certification?.at).toBe(at);
	});

	it('an envelope has the identifier of its certification data, a receipt another', async () => {
		const envelope = await readPecMessage(sample('aruba-2014/envelope-1.eml'), OPTIONS);
		const delivery = await readPecMessage(sample('aruba-2018/delivery-complete.eml'), OPTIONS);
		expect(envelope.envelope.messageId).toBe(`<${envelope.certification?.providerId}>`);
		expect(delivery.envelope.messageId).not.toBe(`<${delivery.certification?.providerId}>`);
		expect(delivery.original?.messageId).toBe(`<${delivery.certification?.providerId}>`);
	});

	it.each<[string, RegExp[]]>([
		['sdi/broken-xml-edited.eml', [/^IT\d+_\d+_MT_002\.xml$/, /^IT\d+_\d+\.xml$/]],
		['sdi/no-daticert-edited.eml', [/^IT\d+_\d+_MC_001\.xml$/]],
		['aruba-2018/delivery-complete.eml', [/^IT\d+_\d+\.xml$/]],
		['aruba-2014/delivery-complete.eml', []],
	])('%s gives its original with its attachments', async (file, names) => {
		const { original } = await readPecMessage(sample(file), OPTIONS);
		const attachments = original?.attachments ?? [];
		expect(attachments.map(({ fileName }) => fileName)).toEqual(
			names.map((name) => expect.stringMatching(name)),
		);
		expect(attachments.every(({ size, content }) => size > 0 && size === content.length)).toBe(
			true,
		);
	});

	it.each(['aruba-2014/acceptance.eml', 'anonymised/consegna.eml', 'sdi/sdi-receipt-edited.eml'])(
		'%s is of one kind by its header alone',
		async (file) => {
			const raw = sample(file);
			const { kind, envelope } = await readPecMessage(raw, OPTIONS);
			expect(readPecHeaders(headerBlockOf(raw))).toMatchObject({ kind, envelope });
		},
	);
});
