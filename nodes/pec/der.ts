import asn1 from 'node-forge/lib/asn1.js';

/** One ASN.1 value. */
export type Der = asn1.Asn1;

/** A signature with all its certificates takes a few kB, 500 times less than this. */
const SIZE_LIMIT = 2 * 1024 * 1024;

/** The library's types know only the older form of the second argument. */
const readValue = asn1.fromDer as unknown as (
	bytes: string,
	options: { strict: boolean; parseAllBytes: boolean; decodeBitStrings: boolean },
) => Der;

/** Reads DER, or BER as some signers write it. Throws on anything else. */
export function readDer(bytes: Buffer): Der {
	if (bytes.length > SIZE_LIMIT) throw new RangeError('The ASN.1 is too large');
	return readValue(bytes.toString('latin1'), {
		strict: true,
		// Some signers pad with zeros after the end.
		parseAllBytes: false,
		// What a bit string holds is for who knows its type.
		decodeBitStrings: false,
	});
}

export function derOf(value: Der): Buffer {
	return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}

/** The values inside; none in a primitive one. */
export function partsOf(value: Der | undefined): readonly Der[] {
	return value && Array.isArray(value.value) ? value.value : [];
}

export function isType(value: Der | undefined, type: asn1.Type): value is Der {
	return value?.tagClass === asn1.Class.UNIVERSAL && value.type === type;
}

const LETTERS: ReadonlyMap<asn1.Type, string> = new Map([
	[asn1.Type.INTEGER, 'I'],
	[asn1.Type.OID, 'D'],
	[asn1.Type.OCTETSTRING, 'O'],
	[asn1.Type.SEQUENCE, 'Q'],
	[asn1.Type.SET, 'S'],
]);

/** The types of values one after the other, to compare with a definition: `IQ0S`; a digit is a tag, `?` any other. */
export function shapeOf(values: readonly Der[]): string {
	return values
		.map(({ tagClass, type }) => {
			if (tagClass === asn1.Class.UNIVERSAL) return LETTERS.get(type) ?? '?';
			return tagClass === asn1.Class.CONTEXT_SPECIFIC && Number(type) < 10 ? String(type) : '?';
		})
		.join('');
}

/** The first value tagged [number], whose universal type is not written. */
export function taggedIn(values: readonly Der[], number: number): Der | undefined {
	const isTagged = ({ tagClass, type }: Der) =>
		tagClass === asn1.Class.CONTEXT_SPECIFIC && Number(type) === number;
	return values.find(isTagged);
}

/** A primitive value's bytes; those of a string in pieces (BER) joined. */
export function bytesOf(value: Der | undefined): Buffer {
	if (!value) return Buffer.alloc(0);
	if (Array.isArray(value.value)) return Buffer.concat(value.value.map(bytesOf));
	return Buffer.from(value.value, 'latin1');
}

/** An OBJECT IDENTIFIER as dotted numbers. */
export function oidOf(value: Der | undefined): string | undefined {
	const written = isType(value, asn1.Type.OID) ? value.value : undefined;
	return typeof written === 'string' && written !== '' ? asn1.derToOid(written) : undefined;
}

/** A UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has them: to the second, in UTC. */
export function timeOf(value: Der | undefined): Date | undefined {
	const text = bytesOf(value).toString('latin1');
	const found = /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
	const short = isType(value, asn1.Type.UTCTIME);
	if (!found || (!short && !isType(value, asn1.Type.GENERALIZEDTIME))) return undefined;
	const [, written, yy, month, day, hour, minute, second] = found;
	if ((written === undefined) !== short) return undefined;
	const century = written ?? (Number(yy) >= 50 ? '19' : '20');
	const time = new Date(`${century}${yy}-${month}-${day}T${hour}:${minute}:${second}Z`);
	return Number.isNaN(time.getTime()) ? undefined : time;
}
