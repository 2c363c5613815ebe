import { mkdirSync } from 'node:fs';
import { readCorpus, writeCorpora } from '../read/corpus.ts';
import type { Item, Plan } from '../read/corpus.ts';

/** Messages of one mailbox: of a hundred 60 small ones, 30 middling and 10 large. */
export interface Mix {
	readonly name: string;
	/** Bytes of the attachments of middling and large ones; base64 makes a third more of them. */
	readonly attachments: readonly [middling: number, large: number];
}

/** 6.8 kB, 101 kB, 2.1 MB, as in real mailboxes. */
export const FULL_SIZE: Mix = { name: 'full', attachments: [70_000, 1_500_000] };
/** 6.9 kB, 19 kB, 39 kB: whoever reads headers alone does not see how large messages are. */
export const SMALL_SIZE: Mix = { name: 'small', attachments: [8_000, 22_000] };

/** Receipts: acceptance, delivery, non-delivery in turn. */
const RECEIPTS = { name: 'receipts', count: 96, attachment: 0 } as const satisfies Plan;
/** The first whose number has two digits: ids of one length, so that receipts of one sending can name the same. */
const FIRST_RECEIPT = 12;
const RECEIPT_TURNS = (RECEIPTS.count - FIRST_RECEIPT) / 3;
const ENVELOPES = 10;

function plansOf({ name, attachments: [middling, large] }: Mix): [Plan, Plan] {
	return [
		{ name: `${name}-middling`, count: ENVELOPES, attachment: middling },
		{ name: `${name}-large`, count: ENVELOPES, attachment: large },
	];
}

interface Place {
	readonly at: number;
	readonly token: 'sending' | 'provider';
}

/**
 * A message of which others are made that differ in every id, certification data with it, so that each sending is one of
 * its own. They have the same size; their signatures do not fit, which nobody here looks at.
 */
class Template {
	readonly #raw: Buffer;
	readonly #places: readonly Place[];
	readonly #daticert: { readonly at: number; readonly lines: readonly string[] } | undefined;
	readonly #tokens: { readonly sending: string; readonly provider: string };

	constructor({ raw, expected }: Item) {
		const text = raw.toString('latin1');
		const sending = /\.(\d+\.[0-9a-f]{12})@/.exec(expected.originalMessageId)?.[1];
		const provider = /^Message-ID: <opec\d+\.(\d{14})\./m.exec(text)?.[1];
		if (sending === undefined || provider === undefined) throw new Error('a message without ids');
		this.#raw = raw;
		this.#tokens = { sending, provider };
		this.#places = [...placesOf(text, sending, 'sending'), ...placesOf(text, provider, 'provider')];
		const encoded = /filename="daticert\.xml"\r\n[^]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+?)\r\n\r\n/.exec(
			text,
		);
		const [whole = '', lines = ''] = encoded ?? [];
		this.#daticert = encoded
			? { at: encoded.index + whole.indexOf(lines), lines: lines.split('\r\n') }
			: undefined;
	}

	/** @param sending its number, from 0 */
	make(sending: number): Buffer {
		const ids = {
			sending: sending.toString(16).padStart(this.#tokens.sending.length, '0'),
			provider: String(sending).padStart(14, '0'),
		};
		const made = Buffer.from(this.#raw);
		for (const { at, token } of this.#places) made.write(ids[token], at, 'latin1');
		if (!this.#daticert) return made;
		const { at, lines } = this.#daticert;
		const xml = Buffer.from(lines.join(''), 'base64').toString('latin1');
		const changed = xml
			.replaceAll(this.#tokens.sending, ids.sending)
			.replaceAll(this.#tokens.provider, ids.provider);
		const encoded = Buffer.from(changed, 'latin1').toString('base64');
		const width = lines[0]?.length ?? 0;
		made.write(encoded.replace(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\r\n'), at, 'latin1');
		return made;
	}
}

function placesOf(text: string, token: string, name: Place['token']): Place[] {
	return [...text.matchAll(new RegExp(token, 'g'))].map(({ index }) => ({
		at: index,
		token: name,
	}));
}

/** Makes messages by their number: the same number is the same message, but for keys, signatures and boundaries. */
export type LetterWriter = (mix: Mix, index: number) => Buffer;

/** What the ten messages of a round are: six receipts, three middling envelopes, a large one. */
const ROUND = [...'rrmrrmrrml'] as const;

/** @param folder made; the templates are written there */
export async function openLetters(
	folder: string,
	mixes: readonly Mix[],
	seed: string,
): Promise<LetterWriter> {
	mkdirSync(folder);
	await writeCorpora(folder, [RECEIPTS, ...mixes.flatMap(plansOf)], seed);
	const templates = new Map(
		[RECEIPTS, ...mixes.flatMap(plansOf)].map(({ name }) => [
			name,
			readCorpus(folder, name).items.map((item) => new Template(item)),
		]),
	);
	const pick = (name: string, index: number): Template => {
		const those = templates.get(name) ?? [];
		const picked = those[index % those.length];
		if (!picked) throw new Error(`There are no messages of ${name}`);
		return picked;
	};
	return (mix, index) => {
		const [middling, large] = plansOf(mix);
		const kind = ROUND[index % ROUND.length];
		if (kind === 'm') return pick(middling.name, index).make(index);
		if (kind === 'l') return pick(large.name, index).make(index);
		const { template, sending } = receiptAt(index);
		return pick(RECEIPTS.name, template).make(sending);
	};
}

/** Of a sending first its acceptance, then the delivery receipt or, one time in nine, the notice that it failed. */
function receiptAt(index: number): { template: number; sending: number } {
	const isFirst = (index % ROUND.length) % 3 === 0;
	const kind = isFirst ? 0 : index % (3 * ROUND.length) === 1 ? 2 : 1;
	// Two providers take turns: of a sending, the one that accepts is not the one that delivers, or their ids would be one.
	const turn = Math.floor(index / ROUND.length) + (kind === 2 ? 1 : 0);
	const template = FIRST_RECEIPT + 3 * (turn % RECEIPT_TURNS) + kind;
	return { template, sending: isFirst ? index : index - 1 };
}
