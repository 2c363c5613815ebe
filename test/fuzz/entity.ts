/**
 * A message as a tree that can be bent and written again, byte by byte the same when nothing was bent. Texts have one
 * character a byte. It reads what the sandbox writes, no more, and shares nothing with nodes/, whose reader is tried.
 */
export interface Entity {
	/** Header lines without the empty one behind them. */
	head: string;
	/** Of what has no parts. */
	body: string;
	/** Of a multipart, or the one message inside a message/rfc822. */
	parts: Entity[];
	boundary?: string;
	preamble: string;
	epilogue: string;
}

const HEAD_END = '\r\n\r\n';

function fieldIn(head: string, name: string): string {
	const lines = `\r\n${head.replace(/\r\n[ \t]+/g, ' ')}`;
	return new RegExp(`\r\n${name}:([^\r]*)`, 'i').exec(lines)?.[1]?.trim() ?? '';
}

export function typeOf({ head }: Entity): string {
	return (fieldIn(head, 'content-type').split(';')[0] ?? '').trim().toLowerCase();
}

export function fileNameOf({ head }: Entity): string {
	return /name="?([^";\r\n]+)/i.exec(head)?.[1] ?? '';
}

export function readEntity(text: string): Entity {
	const cut = text.startsWith('\r\n') ? -HEAD_END.length / 2 : text.indexOf(HEAD_END);
	const head = cut === -1 ? text : text.slice(0, Math.max(cut, 0));
	const body = cut === -1 ? '' : text.slice(cut + HEAD_END.length);
	const entity: Entity = { head, body, parts: [], preamble: '', epilogue: '' };
	const type = typeOf(entity);
	const encoded = /base64|quoted/i.test(fieldIn(head, 'content-transfer-encoding'));
	if (type === 'message/rfc822' && !encoded && body.includes(HEAD_END)) {
		return { ...entity, body: '', parts: [readEntity(body)] };
	}
	const boundary = /boundary="?([^";]+)/i.exec(fieldIn(head, 'content-type'))?.[1];
	if (!type.startsWith('multipart/') || boundary === undefined) return entity;
	const [preamble = '', ...pieces] = `\r\n${body}`.split(`\r\n--${boundary}`);
	const last = pieces.pop();
	if (last?.startsWith('--') !== true) return entity;
	const parts = pieces.map((piece) => readEntity(piece.replace(/^\r\n/, '')));
	return { head, body: '', parts, boundary, preamble, epilogue: last.slice(2) };
}

export function writeEntity(entity: Entity): string {
	const { head, body, parts, boundary, preamble, epilogue } = entity;
	const inside = parts.map(writeEntity);
	const start = head === '' ? '\r\n' : head + HEAD_END;
	if (boundary === undefined) return start + body + inside.join('');
	const pieces = inside.map((piece) => `\r\n--${boundary}\r\n${piece}`);
	return `${start}${`${preamble}${pieces.join('')}\r\n--${boundary}--${epilogue}`.slice(2)}`;
}

/** The entity and all in it, the outermost first. */
export function allOf(entity: Entity): Entity[] {
	return [entity, ...entity.parts.flatMap(allOf)];
}

/** A leaf or a whole part from its header lines and its body. */
export function leaf(head: readonly string[], body: string): Entity {
	return { head: head.join('\r\n'), body, parts: [], preamble: '', epilogue: '' };
}

/** A multipart round parts. */
export function multipart(type: string, boundary: string, parts: Entity[]): Entity {
	const head = `Content-Type: ${type}; boundary="${boundary}"`;
	return { head, body: '', parts, boundary, preamble: '', epilogue: '\r\n' };
}

export function base64Lines(bytes: string | Buffer): string {
	const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'latin1');
	return buffer.toString('base64').replace(/.{64}/g, '$&\r\n');
}
