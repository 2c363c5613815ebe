import { ber, type LengthForm } from '../pec/signedFiles.ts';
import type { Random } from './random.ts';

/** One ASN.1 value that can be bent and written again. */
interface Value {
	tag: number;
	form: LengthForm;
	/** Of a constructed one. */
	parts?: Value[];
	content: Buffer;
}

const CONSTRUCTED = 0x20;

/** Definite lengths and tags of one byte: what the sandbox writes. What is none becomes the content of its parent. */
function readAll(bytes: Buffer): Value[] | undefined {
	const values: Value[] = [];
	for (let at = 0; at < bytes.length;) {
		const tag = bytes[at] ?? 0;
		const first = bytes[at + 1] ?? 0;
		const octets = first > 0x80 ? first - 0x80 : 0;
		if (first === 0x80 || octets > 4 || (tag & 0x1f) === 0x1f) return undefined;
		const start = at + 2 + octets;
		const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets);
		if (start + length > bytes.length) return undefined;
		const content = bytes.subarray(start, start + length);
		const parts = tag & CONSTRUCTED ? readAll(content) : undefined;
		values.push({ tag, form: 'definite', content, ...(parts ? { parts } : {}) });
		at = start + length;
	}
	return values;
}

function write({ tag, form, parts, content }: Value): Buffer {
	const constructed = (tag & CONSTRUCTED) !== 0;
	return ber(
		tag,
		parts ? Buffer.concat(parts.map(write)) : content,
		form === 'indefinite' && !constructed ? 'definite' : form,
	);
}

function allOf(values: readonly Value[]): Value[] {
	return values.flatMap((value) => [value, ...allOf(value.parts ?? [])]);
}

type Bend = (value: Value, random: Random) => void;

function leafOnly(bend: (content: Buffer, random: Random) => Buffer): Bend {
	return (value, random) => {
		if (!value.parts) value.content = bend(value.content, random);
	};
}

function partsOnly(bend: (parts: Value[], random: Random) => void): Bend {
	return ({ parts }, random) => {
		if (parts && parts.length > 0) bend(parts, random);
	};
}

export const ASN1_BENDS: Readonly<Record<string, Bend>> = {
	'another tag': (value, random) => {
		value.tag = random.chance(0.5) ? random.below(256) : value.tag ^ (1 << random.below(8));
	},
	'length written long': (value) => {
		value.form = 'long';
	},
	'length left open': (value) => {
		value.form = 'indefinite';
	},
	'a string in pieces': (value) => {
		if (value.tag !== 0x04) return;
		const half = value.content.length >> 1;
		const pieces = [value.content.subarray(0, half), value.content.subarray(half)];
		value.tag = 0x24;
		value.parts = pieces.map((content) => ({ tag: 0x04, form: 'definite', content }));
	},
	'a value dropped': partsOnly((parts, random) => void parts.splice(random.below(parts.length), 1)),
	'a value doubled': partsOnly((parts, random) => {
		const part = random.pick(parts);
		for (let times = random.chance(0.1) ? 200 : 1; times > 0; times -= 1) parts.push(part);
	}),
	'values swapped': partsOnly((parts) => void parts.reverse()),
	'wrapped deep': (value, random) => {
		let inner: Value = { ...value };
		for (let depth = random.chance(0.2) ? 5000 : 3; depth > 0; depth -= 1) {
			inner = { tag: 0x30, form: 'definite', content: write(inner) };
		}
		Object.assign(value, { tag: 0x30, parts: undefined, content: inner.content });
	},
	'a byte changed': leafOnly((content, random) => {
		const changed = Buffer.from(content);
		if (changed.length > 0) changed[random.below(changed.length)] = random.below(256);
		return changed;
	}),
	'content emptied': (value) => {
		value.content = Buffer.alloc(0);
		if (value.parts) value.parts = [];
	},
	'content made long': leafOnly((content, random) =>
		Buffer.concat([content, Buffer.alloc(1 + random.below(20_000), random.below(256))]),
	),
	'random content': leafOnly((_, random) => Buffer.from(random.bytes(random.below(64)), 'latin1')),
};

/** Bends a DER or BER value in one to three places. */
export function bendAsn1(bytes: Buffer, random: Random, told: (name: string) => void): Buffer {
	const values = readAll(bytes);
	if (!values || values.length === 0) return bytes;
	for (let times = 1 + random.below(3); times > 0; times -= 1) {
		const name = random.pick(Object.keys(ASN1_BENDS));
		ASN1_BENDS[name]?.(random.pick(allOf(values)), random);
		told(name);
	}
	return Buffer.concat(values.map(write));
}
