import { decodeQuotedPrintable } from '../imap/encodedWord.ts';
import { valueOf } from '../imap/headerBlock.ts';
import { parseMessage, type MimePart } from '../imap/mimeTree.ts';

/** The harmless file every scanner must find; in two halves, so that none finds it here. */
export const EICAR = [
	'X5O!P%@AP[4\\PZX54(P^)7CC)7}$',
	'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*',
].join('');

/** What a scanner calls the EICAR file when it is in the message, as it stands or in an encoded part. */
export function findVirus(raw: Buffer): string | undefined {
	const infected = raw.includes(EICAR) || isInfected(raw, parseMessage(raw));
	return infected ? 'Eicar-Test-Signature' : undefined;
}

function isInfected(raw: Buffer, part: MimePart): boolean {
	if (part.message !== undefined) return isInfected(raw, part.message);
	if (part.children.length > 0) return part.children.some((child) => isInfected(raw, child));
	return decoded(raw, part)?.includes(EICAR) ?? false;
}

function decoded(raw: Buffer, { fields, body }: MimePart): Buffer | undefined {
	const encoding = valueOf(raw, fields, 'content-transfer-encoding')?.trim().toLowerCase();
	const text = (): string => raw.toString('latin1', body.start, body.end);
	if (encoding === 'base64') return Buffer.from(text(), 'base64');
	if (encoding === 'quoted-printable') return decodeQuotedPrintable(text());
	return undefined;
}
