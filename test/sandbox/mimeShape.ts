/**
 * A message as a tree of header fields and bodies, read by RFC 2045 and 2046 alone, and its shape: everything but what
 * was said and by whom. It shares nothing with the sandbox, whose writing it judges.
 */
export interface Entity {
	/** Name as written and unfolded value, in order. */
	readonly fields: readonly (readonly [name: string, value: string])[];
	/** One character a byte, without the line end that belongs to the boundary. */
	readonly body: string;
	/** Of a multipart, or the message in a message/rfc822. */
	readonly children: readonly Entity[];
}

/** Line ends may be CRLF or LF. */
export function readEntity(raw: Buffer | string): Entity {
	const text = typeof raw === 'string' ? raw : raw.toString('latin1');
	const empty = /^\r?\n|\r?\n\r?\n/.exec(text);
	const head = empty === null ? text : text.slice(0, empty.index);
	const body = empty === null ? '' : text.slice(empty.index + empty[0].length);
	const fields = head
		.replace(/\r?\n(?=[ \t])/g, '')
		.split(/\r?\n/)
		.filter((line) => line.includes(':'))
		.map((line) => {
			const colon = line.indexOf(':');
			return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
		});
	const entity = { fields, body, children: [] };
	const type = typeOf(entity);
	if (type === 'message/rfc822') return { ...entity, children: [readEntity(body)] };
	const boundary = parameterOf(entity, 'Content-Type', 'boundary');
	if (!type.startsWith('multipart/') || boundary === undefined) return entity;
	const line = boundary.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	const [inside = ''] = `\n${body}`.split(new RegExp(`\\r?\\n--${line}--[ \\t]*(?:\\r?\\n|$)`));
	const parts = inside.split(new RegExp(`\\r?\\n--${line}[ \\t]*\\r?\\n`)).slice(1);
	return { ...entity, children: parts.map(readEntity) };
}

export function fieldOf(entity: Entity, name: string): string | undefined {
	return entity.fields.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}

/** `type/subtype`, lower case. */
export function typeOf(entity: Entity): string {
	const [type = ''] = (fieldOf(entity, 'Content-Type') ?? 'text/plain').split(';');
	return type.trim().toLowerCase();
}

/** A parameter that is written plainly, without RFC 2231. */
export function parameterOf(entity: Entity, field: string, name: string): string | undefined {
	const pattern = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]*))`, 'i');
	const match = pattern.exec(fieldOf(entity, field) ?? '');
	return match?.[1] ?? match?.[2];
}

/** The content with its transfer encoding undone. */
export function contentOf(entity: Entity): Buffer {
	const encoding = fieldOf(entity, 'Content-Transfer-Encoding')?.toLowerCase();
	if (encoding === 'base64') return Buffer.from(entity.body, 'base64');
	if (encoding !== 'quoted-printable') return Buffer.from(entity.body, 'latin1');
	const text = entity.body
		.replace(/=\r?\n/g, '')
		.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	return Buffer.from(text, 'latin1');
}

/** The parts of what a provider signed; those of the original are not among them. */
export function partsOf(raw: Buffer): {
	readonly top: Entity;
	readonly signed: Entity | undefined;
	readonly text: Entity | undefined;
	readonly html: Entity | undefined;
	readonly daticert: Entity | undefined;
	readonly original: Entity | undefined;
	readonly signature: Entity | undefined;
} {
	const top = readEntity(raw);
	const [signed, signature] = top.children;
	const attached = signed?.children ?? [];
	const readable = attached[0]?.children.length === 0 ? [attached[0]] : attached[0]?.children;
	const of = (type: string) => (entity: Entity | undefined) =>
		entity !== undefined && typeOf(entity) === type;
	return {
		top,
		signed,
		text: readable?.find(of('text/plain')),
		html: readable?.find(of('text/html')),
		daticert: attached.find(of('application/xml')),
		original: attached.find(of('message/rfc822')),
		signature,
	};
}

/** One line for each part, indented: type, parameters but boundaries, file name, disposition and encoding. */
export function outlineOf(entity: Entity, depth = 0): string[] {
	const own = entity.fields
		.filter(([name]) => /^(?:content-|mime-version)/i.test(name))
		.map(([name, value]) => `${name}: ${value.replace(/boundary="[^"]*"/, 'boundary="…"')}`)
		.join(' | ');
	const inner = typeOf(entity) === 'message/rfc822' ? [] : entity.children;
	return [`${'  '.repeat(depth)}${own}`, ...inner.flatMap((child) => outlineOf(child, depth + 1))];
}
