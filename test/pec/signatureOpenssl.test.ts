import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf } from '../../nodes/pec/content.ts';
import { readMime } from '../../nodes/pec/mime.ts';
import type { MimePart } from '../../nodes/pec/mime.ts';
import { canonicalPiecesOf, signatureOf } from '../../nodes/pec/signature.ts';
import { KINDS, PecGallery } from '../sandbox/pecGallery.ts';
import { withoutOpenssl } from '../sandbox/pecOpenssl.ts';
import { Openssl, why } from './openssl.ts';
import { FORMS, messageWith } from './signedForms.ts';

const samplesFolder = process.env.PEC_SAMPLES_DIR;
const samples = samplesFolder
	? (readdirSync(samplesFolder, { recursive: true }) as string[]).filter((f) => f.endsWith('.eml'))
	: [];
const NOW = new Date('2026-02-01T00:00:00Z');
const MUTATIONS = 1000;
/** Beside what the sandbox and real providers sign, which is RSA with attributes in DER. */
const MUTATED_FORMS = [
	...['RSA and sha384', 'RSA and sha512', 'RSA of 1024 bits', 'ECDSA and sha256', 'ECDSA on P-521'],
	...['PSS with an RSA key', 'PSS with a key for PSS alone', 'no signed attributes'],
	...['no signed attributes, ECDSA', 'a signer by the identifier of its key', 'two signers'],
	...['the content inside as well', 'unsigned attributes', 'a GeneralizedTime'],
	...['without lengths', 'without lengths down to the attributes', 'with bytes behind it'],
];

let openssl: Openssl;
let gallery: PecGallery;
const pool = new Map<string, Buffer>();

beforeAll(async () => {
	openssl = await Openssl.open();
	gallery = await PecGallery.open();
	for (const name of KINDS) pool.set(name, gallery.raw(name));
	for (const form of MUTATED_FORMS) pool.set(form, messageWith(FORMS[form] ?? Buffer.alloc(0)));
	for (const file of samples) pool.set(file, readFileSync(path.join(samplesFolder ?? '', file)));
});

afterAll(async () => {
	await openssl.close();
	await gallery.sandbox.stop();
});

function partsOf(
	raw: Buffer,
): { root: MimePart; content: MimePart; signature: MimePart } | undefined {
	const { root } = readMime(raw);
	const [content, signature] = root.parts;
	return content && signature ? { root, content, signature } : undefined;
}

/** OpenSSL is asked about what our MIME reader found signed; where it found nothing, ours must not be intact. */
async function compare(raw: Buffer): Promise<{ ours: string; intact: boolean; said: string }> {
	const { root } = readMime(raw);
	const { integrity, reason } = signatureOf(root, {
		trust: { issuers: [gallery.sandbox.pecCa] },
		now: NOW,
	});
	const [content, signature] = root.parts;
	if (integrity === 'absent' || reason === 'structureUnreadable' || !content || !signature) {
		return { ours: integrity, intact: false, said: 'nothing signed' };
	}
	const canonical = Buffer.concat([...canonicalPiecesOf(content)]);
	const { ok, said } = await openssl.integrity(contentOf(signature), canonical);
	return { ours: integrity, intact: ok, said };
}

const ID_DATA = Buffer.from('06092a864886f70d010701', 'hex');

/**
 * RFC 5652 11.1: the type of the content is named in front and in the signed attributes, and both must be the same.
 * OpenSSL does not compare them.
 */
function isOfTwoTypes(raw: Buffer): boolean {
	const signature = partsOf(raw)?.signature;
	const der = signature ? contentOf(signature) : Buffer.alloc(0);
	const first = der.indexOf(ID_DATA);
	return first !== -1 && first === der.lastIndexOf(ID_DATA);
}

type Mutation = (raw: Buffer, at: number, byte: number) => Buffer;

function replaceByte(raw: Buffer, index: number, byte: number): Buffer {
	const changed = Buffer.from(raw);
	changed[index] = byte;
	return changed;
}

function withSignature(raw: Buffer, change: (der: Buffer) => Buffer): Buffer {
	const signature = partsOf(raw)?.signature;
	if (!signature) return raw;
	return Buffer.concat([
		raw.subarray(0, signature.bodyStart),
		Buffer.from(change(contentOf(signature)).toString('base64')),
		raw.subarray(signature.end),
	]);
}

function headerEnd(raw: Buffer): number {
	const crlf = raw.indexOf('\r\n\r\n');
	return crlf === -1 ? raw.indexOf('\n\n') : crlf;
}

const MUTATIONS_BY_NAME: Readonly<Record<string, Mutation>> = {
	'a byte changed': (raw, at, byte) => replaceByte(raw, at % raw.length, byte),
	'a bit changed': (raw, at, byte) => {
		const index = at % raw.length;
		return replaceByte(raw, index, (raw[index] ?? 0) ^ (1 << (byte % 8)));
	},
	'a byte of the signature changed': (raw, at, byte) => {
		const signature = partsOf(raw)?.signature;
		if (!signature) return raw;
		const length = Math.max(1, signature.end - signature.bodyStart);
		return replaceByte(raw, signature.bodyStart + (at % length), 0x41 + (byte % 26));
	},
	'a bit of the decoded signature changed': (raw, at, byte) =>
		withSignature(raw, (der) => {
			const index = at % Math.max(1, der.length);
			return replaceByte(der, index, (der[index] ?? 0) ^ (1 << (byte % 8)));
		}),
	'the decoded signature cut short': (raw, at) =>
		withSignature(raw, (der) => der.subarray(0, at % Math.max(1, der.length))),
	'the signature without line ends': (raw) => withSignature(raw, (der) => der),
	'all line ends LF': (raw) => Buffer.from(raw.toString('latin1').replace(/\r\n/g, '\n'), 'latin1'),
	'one line end LF': (raw, at) => {
		const crlf = raw.indexOf('\r\n', at % raw.length);
		return crlf === -1 ? raw : Buffer.concat([raw.subarray(0, crlf), raw.subarray(crlf + 1)]);
	},
	'a line end added': (raw, at) => {
		const index = at % raw.length;
		return Buffer.concat([raw.subarray(0, index), Buffer.from('\r\n'), raw.subarray(index)]);
	},
	'a header before the signed part': (raw) =>
		Buffer.concat([Buffer.from('X-Added-By: a mail server\r\n'), raw]),
	'a header changed outside the signed part': (raw) =>
		Buffer.from(raw.toString('latin1').replace(/^Subject: /m, 'Subject: [list] '), 'latin1'),
	'a preamble': (raw) => {
		const end = headerEnd(raw);
		return Buffer.concat([
			raw.subarray(0, end),
			Buffer.from('\r\n\r\nseen\r\n'),
			raw.subarray(end),
		]);
	},
	'a footer': (raw) => Buffer.concat([raw, Buffer.from('\r\n-- \r\nsent by a list\r\n')]),
	'cut short': (raw, at) => raw.subarray(0, at % raw.length),
	'parts swapped': (raw) => {
		const parts = partsOf(raw);
		const [one, other] = parts?.content.parts ?? [];
		if (!one || !other) return raw;
		const pieces = [
			raw.subarray(0, one.start),
			raw.subarray(other.start, other.end),
			raw.subarray(one.end, other.start),
			raw.subarray(one.start, one.end),
			raw.subarray(other.end),
		];
		return Buffer.concat(pieces);
	},
	'white space at the end of a line': (raw, at) => {
		const crlf = raw.indexOf('\r\n', at % raw.length);
		return crlf === -1
			? raw
			: Buffer.concat([raw.subarray(0, crlf), Buffer.from(' '), raw.subarray(crlf)]);
	},
};

describe.skipIf(withoutOpenssl)(`integrity, as OpenSSL judges it${why}`, () => {
	it.each(KINDS)('of %s', async (name) => {
		expect(await compare(gallery.raw(name))).toMatchObject({ ours: 'intact', intact: true });
	});

	it.skipIf(samples.length === 0)('of every real message', async () => {
		const intact: string[] = [];
		for (const file of samples) {
			const compared = await compare(pool.get(file) ?? Buffer.alloc(0));
			expect([file, compared.ours === 'intact', compared.said]).toEqual([
				file,
				compared.intact,
				compared.said,
			]);
			if (compared.intact) intact.push(file);
		}
		expect(intact.length).toBeGreaterThanOrEqual(5);
	});

	it(`of ${MUTATIONS} messages changed in one place`, async () => {
		const names = [...pool.keys()];
		const mutation = fc.record({
			message: fc.constantFrom(...names),
			change: fc.constantFrom(...Object.keys(MUTATIONS_BY_NAME)),
			at: fc.nat({ max: 2 ** 24 }),
			byte: fc.nat({ max: 255 }),
		});
		const cases = fc.sample(mutation, { numRuns: MUTATIONS, seed: 20261122 });
		const differences: unknown[] = [];
		let intact = 0;
		let next = 0;
		const work = async (): Promise<void> => {
			for (let each = cases[next++]; each; each = cases[next++]) {
				const raw = pool.get(each.message) ?? Buffer.alloc(0);
				const changed = MUTATIONS_BY_NAME[each.change]?.(raw, each.at, each.byte) ?? raw;
				const compared = await compare(changed);
				if (compared.intact) intact += 1;
				const known = compared.ours === 'altered' && isOfTwoTypes(changed);
				if ((compared.ours === 'intact') !== compared.intact && !known) {
					differences.push({ ...each, ...compared });
				}
			}
		};
		await Promise.all([work(), work(), work(), work()]);
		expect(differences).toEqual([]);
		expect(intact / MUTATIONS).toBeGreaterThanOrEqual(0.3);
	}, 300_000);
});
