import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';
import { imapString } from './responseText.ts';
import type { Partial, Section } from './section.ts';

/** One thing FETCH was asked for. */
export type FetchItem =
	| { readonly kind: 'UID' | 'FLAGS' | 'INTERNALDATE' | 'RFC822.SIZE' }
	| { readonly kind: 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE' }
	/** RFC 7162 3.1.4.2, RFC 8474 5. */
	| { readonly kind: 'MODSEQ' | 'EMAILID' | 'THREADID' }
	/** A part without its transfer encoding, or how long that is (RFC 3516 4.2). */
	| {
			readonly kind: 'binary' | 'binarySize';
			readonly path: readonly number[];
			readonly label: string;
			readonly peek: boolean;
			readonly partial?: Partial;
	  }
	| {
			readonly kind: 'section';
			readonly section: Section;
			/** How the response names it. */
			readonly label: string;
			/** Whether fetching it leaves `\Seen` alone. */
			readonly peek: boolean;
			readonly partial?: Partial;
	  };

const MACROS: ReadonlyMap<
	string,
	readonly ('FLAGS' | 'INTERNALDATE' | 'RFC822.SIZE' | 'ENVELOPE' | 'BODY')[]
> = new Map([
	['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
	['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
	['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
]);

/** The old names of sections (RFC 3501 6.4.5). */
const RFC822_SECTIONS: ReadonlyMap<string, { what: Section['what']; peek: boolean }> = new Map([
	['RFC822', { what: 'ALL', peek: false }],
	['RFC822.HEADER', { what: 'HEADER', peek: true }],
	['RFC822.TEXT', { what: 'TEXT', peek: false }],
]);

const ITEM_NAME = /[A-Za-z0-9.]+/y;
const PART_NUMBERS = /[1-9]\d{0,5}(?:\.[1-9]\d{0,5})*/y;
const SECTION_TEXT = /HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME/iy;
const PARTIAL = /<(\d{1,10}\.[1-9]\d{0,9})>/y;

/** Items of extensions, by the capability they come with. */
const EXTENSIONS: ReadonlyMap<string, string> = new Map([
	['MODSEQ', 'MODSEQ'],
	['EMAILID', 'OBJECTID'],
	['THREADID', 'OBJECTID'],
	['BINARY', 'BINARY'],
	['BINARY.PEEK', 'BINARY'],
	['BINARY.SIZE', 'BINARY'],
]);

/**
 * Reads `(UID BODY.PEEK[HEADER.FIELDS (Subject)]<0.100>)`, one item, or a macro. Throws BadCommandError.
 * @param knows whether a capability is there
 */
export function parseFetchItems(
	args: ArgumentParser,
	knows: (capability: string) => boolean,
): FetchItem[] {
	const itemName = (): string => {
		const name = (args.take(ITEM_NAME) ?? '').toUpperCase();
		const capability = EXTENSIONS.get(name);
		return capability === undefined || knows(capability) ? name : '';
	};
	if (args.sees('(')) return args.list(() => parseItem(args, itemName()));
	const name = itemName();
	const macro = MACROS.get(name);
	if (macro !== undefined) return macro.map((kind) => ({ kind }));
	return [parseItem(args, name)];
}

function parseItem(args: ArgumentParser, name: string): FetchItem {
	switch (name) {
		case 'UID':
		case 'FLAGS':
		case 'INTERNALDATE':
		case 'RFC822.SIZE':
		case 'ENVELOPE':
		case 'BODYSTRUCTURE':
		case 'MODSEQ':
		case 'EMAILID':
		case 'THREADID':
			return { kind: name };
		case 'BINARY':
			return parseBinaryItem(args, { kind: 'binary', peek: false });
		case 'BINARY.PEEK':
			return parseBinaryItem(args, { kind: 'binary', peek: true });
		case 'BINARY.SIZE':
			return parseBinaryItem(args, { kind: 'binarySize', peek: true });
		case 'BODY':
			return args.sees('[') ? parseSectionItem(args, false) : { kind: 'BODY' };
		case 'BODY.PEEK':
			return parseSectionItem(args, true);
		default: {
			const old = RFC822_SECTIONS.get(name);
			if (old === undefined) throw new BadCommandError('unknown fetch item');
			const section: Section = { path: [], what: old.what, fields: [] };
			return { kind: 'section', section, label: name, peek: old.peek };
		}
	}
}

function parseSectionItem(args: ArgumentParser, peek: boolean): FetchItem {
	args.expect('[');
	const numbers = args.take(PART_NUMBERS);
	const path = numbers?.split('.').map(Number) ?? [];
	const needsText = path.length > 0 && args.takes('.');
	const text = path.length === 0 || needsText ? args.take(SECTION_TEXT)?.toUpperCase() : undefined;
	if (needsText && text === undefined) throw new BadCommandError('unknown section');
	if (text === 'MIME' && path.length === 0) throw new BadCommandError('MIME needs a part number');
	const what = (text ?? 'ALL') as Section['what'];

	let written: string[] = [];
	if (what === 'HEADER.FIELDS' || what === 'HEADER.FIELDS.NOT') {
		args.space();
		written = args.list(() => args.astring().toString('latin1'));
		if (written.length === 0) throw new BadCommandError('expected field names');
	}
	args.expect(']');
	const partial = parsePartial(args);

	const names = [numbers, text].filter((each) => each !== undefined).join('.');
	const fieldList = written.length === 0 ? '' : ` (${written.map(fieldName).join(' ')})`;
	return {
		kind: 'section',
		section: { path, what, fields: written.map((name) => name.toLowerCase()) },
		label: `BODY[${names}${fieldList}]${originText(partial)}`,
		peek,
		...(partial === undefined ? {} : { partial }),
	};
}

function parseBinaryItem(
	args: ArgumentParser,
	manner: { readonly kind: 'binary' | 'binarySize'; readonly peek: boolean },
): FetchItem {
	args.expect('[');
	const numbers = args.take(PART_NUMBERS) ?? '';
	args.expect(']');
	const partial = manner.kind === 'binary' ? parsePartial(args) : undefined;
	const name = manner.kind === 'binary' ? 'BINARY' : 'BINARY.SIZE';
	return {
		...manner,
		path: numbers === '' ? [] : numbers.split('.').map(Number),
		label: `${name}[${numbers}]${originText(partial)}`,
		...(partial === undefined ? {} : { partial }),
	};
}

function parsePartial(args: ArgumentParser): Partial | undefined {
	const [offset, length] = args.take(PARTIAL)?.split('.').map(Number) ?? [];
	return offset === undefined || length === undefined ? undefined : { offset, length };
}

function originText(partial: Partial | undefined): string {
	return partial === undefined ? '' : `<${partial.offset}>`;
}

function fieldName(name: string): string {
	return /^[A-Za-z0-9-]+$/.test(name) ? name.toUpperCase() : imapString(name);
}
