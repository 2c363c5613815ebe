import { parametersOf, fieldOf, readHeader } from './header';
import type { Header, Parametrized } from './header';

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;
const DASHES = Buffer.from('--');

/** RFC 2046 5.1.1 allows 70; some mailers write more. */
const BOUNDARY_LIMIT = 200;
/** Real PECs nest six or seven deep, forwards of forwards twenty. */
const DEPTH_LIMIT = 40;
const PARTS_LIMIT = 2_000;
const FIELDS_LIMIT = 20_000;

/** One part by its place in `raw`; the root is the whole message. */
export interface MimePart {
	readonly raw: Buffer;
	/** First byte of its header. `raw.subarray(start, end)` is what a multipart/signed signature covers. */
	readonly start: number;
	readonly bodyStart: number;
	/** After its last byte; the line end before a boundary belongs to the boundary (RFC 2046 5.1.1). */
	readonly end: number;
	readonly header: Header;
	/** Lower case, `text/plain` when nothing or nonsense is written. */
	readonly type: string;
	/** Of Content-Type, decoded. */
	readonly parameters: ReadonlyMap<string, string>;
	/** Parts of a multipart, or the one message inside a message/rfc822. */
	readonly parts: readonly MimePart[];
}

export type MimeLimit = 'depth' | 'parts' | 'fields';

/** A message as a tree. `exceeded` says what was left unread; the tree is sound as far as it goes. */
export interface MimeTree {
	readonly root: MimePart;
	readonly exceeded: ReadonlySet<MimeLimit>;
}

/** A part while it is being read. A class: literals with accessors cost more than all else about a part. */
class OpenPart implements MimePart {
	readonly raw: Buffer;
	readonly start: number;
	bodyStart: number;
	end: number;
	readonly header: Header;
	readonly type: string;
	readonly parts: OpenPart[] = [];
	private readonly contentType: Parametrized;

	constructor(header: Header, bodyStart: number, type: string, contentType: Parametrized) {
		this.raw = header.raw;
		this.start = header.start;
		this.bodyStart = bodyStart;
		this.end = header.raw.length;
		this.header = header;
		this.type = type;
		this.contentType = contentType;
	}

	get parameters(): ReadonlyMap<string, string> {
		return this.contentType.parameters;
	}
}

/** A part whose end is not yet known, with the boundary it waits for (a multipart's own). */
interface Frame {
	readonly part: OpenPart;
	readonly boundary?: string;
}

interface Delimiter {
	readonly lineStart: number;
	readonly next: number;
	readonly frame: number;
	readonly closes: boolean;
}

/** RFC 2045 6.4: only these leave the bytes of a composite part as they are. */
function isIdentityEncoded(header: Header): boolean {
	const encoding = parametersOf(fieldOf(header, 'content-transfer-encoding')).value;
	return encoding !== 'base64' && encoding !== 'quoted-printable';
}

class TreeReader {
	private readonly raw: Buffer;
	private readonly budget = { fields: FIELDS_LIMIT };
	private readonly exceeded = new Set<MimeLimit>();
	/** Outermost first. */
	private readonly frames: Frame[] = [];
	/** Boundary to the index of its frame. The outermost of equal ones wins: an inner part cannot outlive it. */
	private readonly open = new Map<string, number>();
	private count = 0;

	constructor(raw: Buffer) {
		this.raw = raw;
	}

	read(): MimeTree {
		const root = this.beginPart(0, undefined);
		let position = this.openPart(root);
		for (;;) {
			const delimiter = this.nextDelimiter(position);
			if (!delimiter) break;
			this.closeFramesAbove(delimiter.frame, delimiter.lineStart);
			if (delimiter.closes) {
				this.forgetBoundary(delimiter.frame);
				position = delimiter.next;
			} else {
				if (this.count >= PARTS_LIMIT) {
					this.exceeded.add('parts');
					break;
				}
				const parent = this.frames[delimiter.frame]?.part;
				position = this.openPart(this.beginPart(delimiter.next, parent));
			}
		}
		return { root, exceeded: this.exceeded };
	}

	private beginPart(start: number, parent: OpenPart | undefined): OpenPart {
		const { raw, budget, isDelimiter } = this;
		const { header, bodyStart, complete } = readHeader(raw, start, budget, isDelimiter);
		if (!complete) this.exceeded.add('fields');
		const contentType = parametersOf(fieldOf(header, 'content-type'));
		const { value } = contentType;
		const type = /^[^/]+\/[^/]+$/.test(value)
			? value
			: parent?.type === 'multipart/digest'
				? 'message/rfc822'
				: 'text/plain';
		const part = new OpenPart(header, bodyStart, type, contentType);
		parent?.parts.push(part);
		this.count += 1;
		return part;
	}

	/** Puts a part, and the messages directly inside it, on the stack. Returns where its body begins. */
	private openPart(first: OpenPart): number {
		let part = first;
		for (;;) {
			const boundary = part.type.startsWith('multipart/')
				? part.parameters.get('boundary')?.trimEnd()
				: undefined;
			const isMessage = part.type === 'message/rfc822' && isIdentityEncoded(part.header);
			const opens = isMessage || (boundary && boundary.length <= BOUNDARY_LIMIT);
			const tooDeep = opens && this.frames.length >= DEPTH_LIMIT;
			if (tooDeep) this.exceeded.add('depth');
			if (opens && boundary && !tooDeep) this.rememberBoundary(boundary);
			this.frames.push(boundary && opens && !tooDeep ? { part, boundary } : { part });
			if (!isMessage || tooDeep) return part.bodyStart;
			if (this.count >= PARTS_LIMIT) {
				this.exceeded.add('parts');
				return part.bodyStart;
			}
			part = this.beginPart(part.bodyStart, part);
		}
	}

	private rememberBoundary(boundary: string): void {
		// Boundaries are compared as bytes: a header is read as UTF-8 where it can be.
		const key = Buffer.from(boundary, 'utf8').toString('latin1');
		if (!this.open.has(key)) this.open.set(key, this.frames.length);
	}

	private forgetBoundary(frame: number): void {
		for (const [boundary, index] of this.open) if (index >= frame) this.open.delete(boundary);
	}

	private closeFramesAbove(frame: number, lineStart: number): void {
		let end = lineStart;
		if (this.raw[end - 1] === LF) end -= this.raw[end - 2] === CR ? 2 : 1;
		for (const { part } of this.frames.splice(frame + 1)) {
			part.end = Math.max(end, part.start);
			part.bodyStart = Math.min(part.bodyStart, part.end);
		}
		this.forgetBoundary(frame + 1);
	}

	/** The frame a line delimits, when it is a boundary of an open multipart. */
	private delimiterAt(
		lineStart: number,
		lineEnd: number,
	): { frame: number; closes: boolean } | undefined {
		const { raw } = this;
		if (raw[lineStart] !== DASH || raw[lineStart + 1] !== DASH) return undefined;
		let end = lineEnd;
		while (raw[end - 1] === SPACE || raw[end - 1] === TAB || raw[end - 1] === CR) end -= 1;
		if (end - lineStart > BOUNDARY_LIMIT + 4) return undefined;
		const text = raw.toString('latin1', lineStart + 2, Math.max(end, lineStart + 2));
		const frame = this.open.get(text);
		if (frame !== undefined) return { frame, closes: false };
		const closed = text.endsWith('--') ? this.open.get(text.slice(0, -2)) : undefined;
		return closed === undefined ? undefined : { frame: closed, closes: true };
	}

	private readonly isDelimiter = (lineStart: number, lineEnd: number): boolean =>
		this.open.size > 0 && this.delimiterAt(lineStart, lineEnd) !== undefined;

	private nextDelimiter(from: number): Delimiter | undefined {
		if (this.open.size === 0) return undefined;
		const { raw } = this;
		let at = from;
		for (;;) {
			// Dashes are rare in encoded content, where a search for line ends would stop at every line.
			at = raw.indexOf(DASHES, at);
			if (at === -1) return undefined;
			const lf = raw.indexOf(LF, at);
			const lineEnd = lf === -1 ? raw.length : lf;
			const delimiter = raw[at - 1] === LF ? this.delimiterAt(at, lineEnd) : undefined;
			const next = Math.min(lineEnd + 1, raw.length);
			if (delimiter) return { ...delimiter, lineStart: at, next };
			at = next;
		}
	}
}

/**
 * Reads a message into a tree of byte ranges in one pass, in linear time whatever the bytes are.
 * Lines may end in LF or CRLF. Never throws.
 */
export function readMime(raw: Buffer): MimeTree {
	return new TreeReader(raw).read();
}

/** The parts of a message that are its own, it first: a message inside it is given, but not looked into. */
export function ownParts(part: MimePart, found: MimePart[] = []): MimePart[] {
	found.push(part);
	if (part.type !== 'message/rfc822') for (const child of part.parts) ownParts(child, found);
	return found;
}
