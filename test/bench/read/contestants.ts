import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import type * as Message from '../../../nodes/pec/message.ts';
import type * as Mime from '../../../nodes/pec/mime.ts';
import type * as Signature from '../../../nodes/pec/signature.ts';
import type { Contestant } from '../contest.ts';
import { filesOf, readCorpus, SENT_AT } from './corpus.ts';
import type { Expected, Item } from './corpus.ts';

export interface Settings {
	/** Of the corpora. */
	readonly folder: string;
	/** Name of the corpus. */
	readonly corpus: string;
	/** Folder of the compiled sources. */
	readonly library: string;
}

const NOW = new Date(SENT_AT.getTime() + 60_000);
/** Processes started in one run. */
const PROCESSES = 10;

function insist(isRight: boolean): void {
	if (!isRight) throw new Error('a wrong answer');
}

/** The whole answer is looked at once, and in each run what costs next to nothing to look at. */
async function reader<T>(
	items: readonly Item[],
	read: (raw: Buffer) => T | Promise<T>,
	isRight: (answer: T, expected: Expected) => boolean,
	looksRight: (answer: T) => boolean,
): Promise<Contestant> {
	for (const { raw, expected } of items) insist(isRight(await read(raw), expected));
	return {
		units: items.length,
		run: async () => {
			for (const { raw } of items) insist(looksRight(await read(raw)));
		},
	};
}

function openLibrary({ library }: Settings) {
	const require = createRequire(join(library, 'index.js'));
	return {
		...(require('./nodes/pec/message.js') as typeof Message),
		...(require('./nodes/pec/mime.js') as typeof Mime),
		...(require('./nodes/pec/signature.js') as typeof Signature),
	};
}

function hasAttachments(found: readonly { sha256: string }[], { attachments }: Expected): boolean {
	return found.map(({ sha256 }) => sha256).join() === attachments.join();
}

/** From the raw message to what header and certification data say. */
async function classify(settings: Settings): Promise<Contestant> {
	const { classifyPecMessage } = openLibrary(settings);
	return await reader(
		readCorpus(settings.folder, settings.corpus).items,
		classifyPecMessage,
		(answer, { kind, originalMessageId }) =>
			answer.kind === kind && answer.certification?.originalMessageId === originalMessageId,
		({ consistent }) => consistent,
	);
}

async function whole(settings: Settings): Promise<Contestant> {
	const { readPecMessage } = openLibrary(settings);
	const { ca, items } = readCorpus(settings.folder, settings.corpus);
	const options = { trust: { issuers: [ca] }, now: NOW };
	return await reader(
		items,
		async (raw) => await readPecMessage(raw, options),
		({ kind, certification, original }, expected) =>
			kind === expected.kind &&
			certification?.originalMessageId === expected.originalMessageId &&
			hasAttachments(original?.attachments ?? [], expected),
		({ verified }) => verified,
	);
}

async function signature(settings: Settings): Promise<Contestant> {
	const { readMime, signatureOf } = openLibrary(settings);
	const { ca, items } = readCorpus(settings.folder, settings.corpus);
	const options = { trust: { issuers: [ca] }, now: NOW };
	return await reader(
		items,
		(raw) => signatureOf(readMime(raw).root, options),
		({ signedAt }) => signedAt === SENT_AT.toISOString(),
		({ integrity, signer }) => integrity === 'intact' && signer === 'trusted',
	);
}

async function mailparser({ folder, corpus }: Settings): Promise<Contestant> {
	return await reader(
		readCorpus(folder, corpus).items,
		async (raw) => await simpleParser(raw),
		({ headers }, { kind }) => headers.has(kind === 'receipt' ? 'x-ricevuta' : 'x-trasporto'),
		({ attachments }) => attachments.length > 0,
	);
}

/** One process for each message, whose signature and path it checks. */
async function openssl({ folder, corpus }: Settings): Promise<Contestant> {
	const files = filesOf(folder, corpus).slice(0, PROCESSES);
	// prettier-ignore
	const args = ['cms', '-verify', '-CAfile', join(folder, 'ca.pem'), '-purpose', 'smimesign',
		'-attime', String(SENT_AT.getTime() / 1000), '-out', devNull, '-in'];
	const run = () => {
		for (const file of files) insist(spawnSync('openssl', [...args, file]).status === 0);
	};
	return { units: files.length, run };
}

/** One SHA-256 of all bytes. */
async function hash({ folder, corpus }: Settings): Promise<Contestant> {
	return await reader(
		readCorpus(folder, corpus).items,
		(raw) => createHash('sha256').update(raw).digest(),
		(digest) => digest.length === 32,
		(digest) => digest.length === 32,
	);
}

export const contestants = { classify, whole, signature, mailparser, openssl, hash };
