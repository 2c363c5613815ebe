import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetUpFailure } from '../../../scripts/setUpFailure.mjs';
import { DOVECOT_MISSING, dovecotPath } from '../../servers/dovecot.ts';
import { compete, type Pace } from '../contest.ts';
import { compileLibrary } from '../library.ts';
import { versionOf } from '../machine.ts';
import { limitRowOf, rowOf, type Comparison, type Row } from '../rows.ts';
import type { Work } from '../works.ts';
import { FULL_SIZE, openLetters, SMALL_SIZE } from './letters.ts';
import { HEAP_MB, measureMemory } from './memory.ts';
import type { Settings } from './ours.ts';
import { FULL, growthName, mailboxesOf, QUICK, type BenchPlan } from './plan.ts';
import { openStage } from './stage.ts';

const SEED = 'n8n-nodes-pec';
const MODULE = new URL('contestants.ts', import.meta.url).href;

const RAW_BAR = 0.75;
const MBSYNC_BAR = 0.9;
const OFFLINEIMAP_BAR = 15;
const SCAN_BAR = 0.7;
const GROWTH_LIMIT_MB = 100;

/** Programs that are peers where they are installed: rows without them are left out. */
const MBSYNC = 'mbsync';
const OFFLINEIMAP = 'offlineimap';

const RAW = 'a raw socket, nothing kept';
const RAW_SCAN = 'a raw scan of whole headers, nothing kept';

function asText(messages: number): string {
	return `${messages.toLocaleString('en')} messages`;
}

interface Bench {
	readonly plan: BenchPlan;
	readonly tell: (line: string) => void;
	settingsOf(mailbox: string): Settings;
}

async function measure(
	{ tell, settingsOf }: Bench,
	mailbox: string,
	comparisons: readonly Comparison[],
	pace: Pace,
): Promise<Row[]> {
	const settings = settingsOf(mailbox);
	tell(`Measuring ${asText(settings.messages)}…`);
	const named = comparisons.flatMap(({ ours, theirs, floor }) => [ours, theirs, floor ?? ours]);
	const contestants = [...new Set(named)];
	const measured = await compete({ module: MODULE, contestants, settings, pace });
	const inChildren = new Set([MBSYNC, OFFLINEIMAP]);
	return comparisons.map((each) => rowOf(each, measured, inChildren));
}

async function measureExport(bench: Bench): Promise<Row[]> {
	const { plan, tell } = bench;
	const oursAndFloor = { ours: 'exporting', floor: 'rawStored' };
	const toStore = {
		...{ work: "export with SHA-256 into n8n's binary store", against: RAW, bar: RAW_BAR },
		...{ ...oursAndFloor, theirs: 'rawMessages' },
	};
	const toFiles = {
		...{ work: 'export to files', against: 'mbsync, without fsync', bar: MBSYNC_BAR },
		...{ ...oursAndFloor, theirs: MBSYNC },
	};
	const hasMbsync = versionOf(MBSYNC) !== undefined;
	if (!hasMbsync) tell(`${MBSYNC} (isync) is not installed: there is no row of it.`);
	const comparisons = hasMbsync ? [toStore, toFiles] : [toStore];
	const rows = await measure(bench, 'export', comparisons, plan.pace);
	if (versionOf(OFFLINEIMAP) === undefined) {
		tell(`${OFFLINEIMAP} is not installed: there is no row of it.`);
		return rows;
	}
	const few = {
		...{ work: `export of ${plan.few} to files`, against: OFFLINEIMAP, bar: OFFLINEIMAP_BAR },
		...{ ...oursAndFloor, theirs: OFFLINEIMAP },
	};
	// Its peer begins anew for each run, and takes a quarter of a minute: rounds are few, and what is warm is warmed up.
	const pace = { ...plan.growthPace, warmUp: plan.pace.warmUp };
	return [...rows, ...(await measure(bench, 'few', [few], pace))];
}

async function measureScans(bench: Bench): Promise<Row[]> {
	const { plan } = bench;
	const theirs = 'rawHeaders';
	const scan = `scan of ${asText(plan.scan)}: kind, size, date, ids`;
	const list = `Get Many of ${asText(plan.scan)}, with certification data`;
	const rows = await measure(
		bench,
		'scan',
		[
			{ work: scan, against: RAW_SCAN, bar: SCAN_BAR, ours: 'scanning', theirs },
			{ work: list, against: RAW_SCAN, bar: 0, ours: 'listing', theirs },
		],
		plan.pace,
	);
	for (const messages of plan.growth) {
		const comparisons = [
			{ work: `scan of ${asText(messages)}`, ours: 'scanning' },
			{ work: `Space: Report of ${asText(messages)}`, ours: 'reporting' },
			{ work: `Clean Up: Plan of ${asText(messages)}`, ours: 'planning' },
			{ work: `Get Many of ${asText(messages)}`, ours: 'listing' },
		].map((each) => ({ ...each, against: RAW_SCAN, bar: 0, theirs }));
		rows.push(...(await measure(bench, growthName(messages), comparisons, plan.growthPace)));
	}
	return rows;
}

async function measureGrowth({ plan, tell, settingsOf }: Bench): Promise<Row[]> {
	const { small, large } = plan.memory;
	const rows: Row[] = [];
	for (const [name, work] of [
		['exporting', 'export'],
		['reporting', 'Space: Report'],
	] as const) {
		tell(`Measuring memory, ${work}…`);
		const mailboxes = { small: settingsOf('small'), large: settingsOf('large') };
		const { growth, ...resources } = await measureMemory(name, MODULE, mailboxes);
		const asked = {
			work: `memory growth, ${work} of ${asText(large)} against ${small}, heap capped at ${HEAP_MB} MB`,
			...{ against: `${GROWTH_LIMIT_MB} MB`, bar: 1 },
		};
		const measured = { measure: 'megabytes', limit: GROWTH_LIMIT_MB, ours: [growth] } as const;
		rows.push(limitRowOf(asked, measured, resources));
	}
	return rows;
}

export const mailbox: Work = {
	name: 'mailbox',
	purpose: 'exports and scans of a mailbox, against a raw socket, mbsync and offlineimap',
	needs: [],
	peers: ['dovecot', MBSYNC, OFFLINEIMAP],
	notes: [
		"One Dovecot (Maildir, TLS on loopback) has all mailboxes, written before it starts, each of distinct messages made from the sandbox's: of ten, six receipts, three middling envelopes and a large one. To export: 6.8 kB, 101 kB and 2.1 MB, 244 kB on average. To scan: 6.9, 19 and 39 kB. Every contestant signs in for each run; pages are in the machine's cache.",
		"Export is the node's Preservation: Export of a whole folder: a scan of the headers, then every message, hashed and put into the binary store of `n8n-core` on disk (`filesystem`), a file and a file of metadata each. These files are also what stands against mbsync (`FSync no`, into a new Maildir) and offlineimap. The raw socket asks for all messages (`UID FETCH 1:* BODY.PEEK[]`) in one command, counts their bytes and throws them away; the floor is the same, hashed and given to the same store: what n8n's store leaves of a raw socket. It stands beside mbsync and offlineimap, too. These two begin anew for each run; ours and the floor, as in an n8n that runs, are warmed up.",
		'What a run wrote is moved aside and emptied before the next one, unmeasured; what the system still has to write is waited for, and all is removed at the end. Linux (ext4) looks through every inode that was given back within the last minutes before it gives a new one: with removals between the runs, the search for inodes was most of what the system did for an export.',
		'The scan is that of Space: Report without certification data. The raw scan asks for UID, flags, INTERNALDATE, RFC822.SIZE and whole headers in one command and throws them away. Get Many gives an item for each message, Clean Up: Plan a verdict for each, Space: Report what three clean-ups would free; all three also read certification data, which the raw scan does not.',
		"Where a bar is missed: an export into n8n's store can hardly be faster than the floor, which misses the bars of the raw socket and of mbsync, too. The floor is bound by one thread, as ours is: for each message n8n makes, writes, closes and renames two files, each step handed over and taken back by that thread, which also decrypts and hashes. Ours reads each message's header and certification data besides, and all headers before; it gives the pieces in which bytes came back at once, where the floor leaves them to V8's collector.",
		'A scan asks for windows of 200 headers and works on one while the server reads the next. What it takes longer than the raw scan is the garbage, the search for what is there, the turn-round between windows, and with two cores its own work, which slows the server down by a quarter.',
		`Memory is the peak of one process with a heap of ${HEAP_MB} MB, that works on the small mailbox first and then on the large one, both of messages to export: what it grew by.`,
	],
	run: async ({ workFolder, quick, rounds, tell }): Promise<Row[]> => {
		if (dovecotPath() === undefined) throw new SetUpFailure(DOVECOT_MISSING);
		const { pace, ...sizes } = quick ? QUICK : FULL;
		const plan = { ...sizes, pace: { ...pace, ...(rounds === undefined ? {} : { rounds }) } };
		const library = await compileLibrary(tell);
		tell('Writing the messages…');
		const folder = join(workFolder, 'letters');
		const letters = await openLetters(folder, [FULL_SIZE, SMALL_SIZE], SEED);
		const stage = await openStage(workFolder, mailboxesOf(plan), letters);
		let made = 0;
		const settingsOf = (name: string): Settings => {
			made += 1;
			const own = join(workFolder, `files-${made}`);
			mkdirSync(own);
			return { ...stage.mailbox(name), library, folder: own };
		};
		try {
			const bench = { plan, tell, settingsOf };
			return [
				...(await measureExport(bench)),
				...(await measureScans(bench)),
				...(await measureGrowth(bench)),
			];
		} finally {
			await stage.stop();
		}
	},
};
