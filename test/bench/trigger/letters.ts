import { mkdirSync } from 'node:fs';
import { readCorpus, writeCorpora } from '../read/corpus.ts';

/** A transport envelope as it comes to the mailbox. */
export interface Letter {
	/** Its own Message-ID, with angle brackets. */
	readonly id: string;
	readonly raw: Buffer;
}

const SEED = 'n8n-nodes-pec trigger';
const NAME = 'envelopes';

/** Writes so many envelopes with a small attachment, each of its own, by two providers in turn. Some 9 kB each. */
export async function writeLetters(
	folder: string,
	count: number,
): Promise<{ letters: readonly Letter[]; pecCa: string }> {
	mkdirSync(folder);
	await writeCorpora(folder, [{ name: NAME, count, attachment: 1 }], SEED);
	const { ca, items } = readCorpus(folder, NAME);
	return { letters: items.map(({ raw }) => ({ id: messageIdOf(raw), raw })), pecCa: ca };
}

function messageIdOf(raw: Buffer): string {
	const header = raw.toString('latin1', 0, raw.indexOf('\r\n\r\n'));
	const id = /^Message-ID: *(<[^>]+>)/im.exec(header)?.[1];
	if (id === undefined) throw new Error('A message was written without a Message-ID');
	return id;
}
