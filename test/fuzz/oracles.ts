import { isDeepStrictEqual } from 'node:util';
import type { PecMessage, ReadOptions } from '../../nodes/pec/types.ts';
import { sha256 } from '../sha256.ts';
import type { Made } from './make.ts';
import type { Reader } from './reader.ts';

/** What a reader must never do, whatever it is given. */
export type Fault =
	| 'threw'
	| 'readerFailed'
	| 'notJson'
	| 'wrongIdentity'
	| 'wrongBytes'
	| 'changedItsInput'
	| 'wronglyVerified'
	| 'halfAReceipt'
	| 'headersDisagree'
	| 'twoAnswers'
	| 'slow';

export interface Complaint {
	readonly fault: Fault;
	readonly detail: string;
}

export interface Judged {
	readonly message?: PecMessage;
	readonly complaint?: Complaint;
}

/** CPU time that a message of this size may take: tens of times what the slowest of this kind need. */
export function allowedMs(size: number): number {
	return 300 + size / 2000;
}

/** Line ends as they were signed (RFC 8551 3.1.1). */
function canonical(text: string): string {
	return text.replace(/\r?\n/g, '\r\n');
}

/** docs/ARCHITECTURE.md: the header block up to its empty line, without its own line end. */
function keyOf(raw: Buffer): string {
	const text = raw.toString('latin1');
	const block = (/^\r?\n|\n\r?\n/.exec(text)?.index ?? text.length) + (/^\r?\n/.test(text) ? 0 : 1);
	const end = Math.min(block, text.length);
	const header = text.slice(0, end).replace(/\r?\n$/, '');
	return `${sha256(Buffer.from(header, 'latin1'))}-${raw.length}`;
}

function isViewOf(bytes: Buffer, raw: Buffer): boolean {
	const start = bytes.byteOffset - raw.byteOffset;
	return bytes.buffer === raw.buffer && start >= 0 && start + bytes.length <= raw.length;
}

/** Without bytes, which leave a node as binaries. */
function jsonOf({ original, ...facts }: PecMessage): string {
	const letter = original && {
		...original,
		raw: original.raw.length,
		attachments: original.attachments.map(({ fileName, mimeType, size, sha256: digest }) => [
			...[fileName, mimeType, size, digest],
		]),
	};
	return JSON.stringify({ ...facts, original: letter });
}

/** Whether what is said to be verified was signed, and is what was said in it. Asks nothing of nodes/. */
function isGenuine(message: PecMessage, { raw, signed }: Made): boolean {
	if (!signed) return true;
	const all = canonical(raw.toString('latin1'));
	return signed.some((content) => {
		const known = canonical(content);
		if (!all.includes(known)) return false;
		const { original, certification, receipt } = message;
		// Certification data may have lost its name.
		const xml = [...known.matchAll(/\r\n\r\n([A-Za-z0-9+/=\r\n]{100,})/g)]
			.map(([, base64 = '']) => Buffer.from(base64, 'base64').toString('latin1'))
			.join('')
			// It may be in UTF-16.
			.replaceAll('\0', '');
		const type = certification?.wireType;
		const said = type === undefined || xml.includes(`tipo="${type}"`);
		const inside =
			!original ||
			!isViewOf(original.raw, raw) ||
			known.includes(canonical(original.raw.toString('latin1')));
		return said && inside && (!receipt || certification?.type === receipt.type);
	});
}

function complaintAbout(message: PecMessage, made: Made, before: string): Complaint | undefined {
	const { raw } = made;
	const { findings, original } = message;
	if (findings.some(({ code }) => code === 'readerFailed')) {
		return { fault: 'readerFailed', detail: 'the reader met something it could not bear' };
	}
	if (sha256(raw) !== before)
		return { fault: 'changedItsInput', detail: 'other bytes than before' };
	if (message.size !== raw.length || message.sha256 !== before || message.pecKey !== keyOf(raw)) {
		return { fault: 'wrongIdentity', detail: 'size, sha256 or pecKey' };
	}
	if (/:null[,}\]]/.test(jsonOf(message)) || findings.some((each) => each.message.includes('@'))) {
		return { fault: 'notJson', detail: 'null in it, or an address in a finding' };
	}
	const isReceipt = message.kind === 'receipt';
	const isPec = isReceipt || message.kind === 'transportEnvelope';
	if (isReceipt !== (message.receipt !== undefined) || (!isPec && message.certification)) {
		return { fault: 'halfAReceipt', detail: `${message.kind} with or without what belongs to it` };
	}
	for (const { content, size, sha256: digest } of original?.attachments.slice(0, 20) ?? []) {
		if (content.length !== size || sha256(content) !== digest) {
			return { fault: 'wrongBytes', detail: 'an attachment is not what its digest says' };
		}
	}
	if (original && message.kind === 'ordinary' && !original.raw.equals(raw)) {
		return { fault: 'wrongBytes', detail: 'ordinary mail is its own original' };
	}
	if (message.verified && !(message.consistent && isGenuine(message, made))) {
		return { fault: 'wronglyVerified', detail: 'nobody signed this' };
	}
	return undefined;
}

/** Least CPU time of three readings in milliseconds: garbage is collected in one, and code compiled in another. */
async function leastTime(read: () => Promise<unknown>): Promise<number> {
	const times: number[] = [];
	while (times.length < 3) {
		const start = process.cpuUsage();
		await read();
		times.push(process.cpuUsage(start).user / 1000);
	}
	return Math.min(...times);
}

async function check(
	{ readPecMessage, readPecHeaders, unwrapP7m }: Reader,
	made: Made,
	options: ReadOptions,
): Promise<Judged> {
	const { raw, receivedAt, p7m } = made;
	const given = receivedAt ? { ...options, receivedAt } : options;
	const before = sha256(raw);
	const start = performance.now();
	const message = await readPecMessage(raw, given);
	const taken = performance.now() - start;
	const allowed = allowedMs(raw.length);
	if (taken > allowed && (await leastTime(() => readPecMessage(raw, given))) > allowed) {
		const detail = `more than ${Math.round(allowed)} ms of CPU for ${raw.length} bytes`;
		return { message, complaint: { fault: 'slow', detail } };
	}
	const complaint = complaintAbout(message, made, before);
	if (complaint) return { message, complaint };
	// Elsewhere in memory, and after other messages.
	const copy = Buffer.concat([Buffer.from('\n'), raw]).subarray(1);
	if (jsonOf(await readPecMessage(copy, given)) !== jsonOf(message)) {
		return { message, complaint: { fault: 'twoAnswers', detail: 'read twice, two answers' } };
	}
	const { kind, envelope, receipt } = readPecHeaders(raw);
	const ofHeader = message.kind === 'rem' ? ['ordinary', 'deliveryStatus'] : [message.kind];
	const sameType = receipt?.wireType === message.receipt?.wireType;
	if (!ofHeader.includes(kind) || !sameType || !isDeepStrictEqual(envelope, message.envelope)) {
		return { message, complaint: { fault: 'headersDisagree', detail: `${kind}, ${message.kind}` } };
	}
	unwrapP7m(p7m);
	unwrapP7m(raw);
	return { message };
}

/** Has a message read, and says what was wrong with that. */
export async function judge(reader: Reader, made: Made, options: ReadOptions): Promise<Judged> {
	try {
		return await check(reader, made, options);
	} catch (error) {
		const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
		return { complaint: { fault: 'threw', detail } };
	}
}
