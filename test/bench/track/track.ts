import { openByteCounter } from '../../servers/byteCounter.ts';
import { compete, ContestantProcess, WrongAnswer, type Measurement } from '../contest.ts';
import { compileLibrary } from '../library.ts';
import { HEAP_MB, measureMemory } from '../mailbox/memory.ts';
import { lesserRowOf, limitRowOf, rowOf, type Row } from '../rows.ts';
import type { Work } from '../works.ts';
import { FULL, mailingOf, mailingsOf, QUICK, type MailingPlan, type TrackPlan } from './plan.ts';
import { openStage, type Stage } from './stage.ts';

const MODULE = new URL('contestants.ts', import.meta.url).href;

/** Of the bytes of the receipts, at most one in so many. */
const BYTES_BAR = 100;
const GROWTH_LIMIT_MB = 100;
const MEGABYTE = 1024 ** 2;

const DOWNLOADING = 'downloading the receipts, nothing kept';
const RAW_HEADERS = 'a raw scan of whole headers, nothing kept';

interface Bench {
	readonly plan: TrackPlan;
	readonly stage: Stage;
	readonly tell: (line: string) => void;
}

function asText(recipients: number): string {
	return `${recipients.toLocaleString('en')} recipients`;
}

/** One run in a process of its own. */
async function runOnce(name: string, settings: unknown): Promise<Measurement> {
	const contestant = new ContestantProcess(name);
	try {
		await contestant.prepare(MODULE, settings);
		return await contestant.measure(0);
	} finally {
		contestant.end();
	}
}

/** Sent, and every receipt is there. */
async function sendMailing({ stage, tell }: Bench, plan: MailingPlan): Promise<void> {
	tell(`Sending a mailing to ${asText(plan.recipients)}…`);
	await runOnce('sending', stage.settingsOf(plan));
	await requireReceipts(stage, plan);
}

async function requireReceipts(stage: Stage, plan: MailingPlan): Promise<void> {
	await stage.sandbox.settled();
	const { messages } = stage.settingsOf(plan);
	if (messages !== 2 * plan.recipients) {
		throw new WrongAnswer(`${messages} receipts came for ${plan.recipients} messages`);
	}
}

/** Bytes on the wire, as a counter between client and server sees them. */
async function measureBytes(bench: Bench, plan: MailingPlan): Promise<Row[]> {
	const { stage, tell } = bench;
	const { host, port, secure } = stage.sandbox.imap;
	const counter = await openByteCounter({ host, port, secure });
	try {
		const settings = stage.settingsOf(plan, counter.address.port);
		const counted = async (name: string) => {
			const before = counter.received();
			const measurement = await runOnce(name, settings);
			return { measurement, megabytes: (counter.received() - before) / MEGABYTE };
		};
		tell(`Measuring Track of ${asText(plan.recipients)} with large receipts…`);
		const ours = await counted('tracking');
		const theirs = await counted('downloading');
		const size = Math.round(settings.bytes / plan.recipients / 1_000_000);
		const work = `Track of ${asText(plan.recipients)} with complete receipts of ${size} MB`;
		const bytes = { ours: [[ours.megabytes]], theirs: [[theirs.megabytes]] };
		return [
			lesserRowOf(
				{ work: `${work}: bytes received`, against: DOWNLOADING, bar: BYTES_BAR },
				{ measure: 'megabytes', ...bytes },
			),
			rowOf(
				{ work, against: DOWNLOADING, bar: 0, ours: 'ours', theirs: 'theirs' },
				new Map([
					['ours', [ours.measurement]],
					['theirs', [theirs.measurement]],
				]),
			),
		];
	} finally {
		await counter.stop();
	}
}

async function measureGrowth({ plan, stage, tell }: Bench): Promise<Row[]> {
	const rows: Row[] = [];
	for (const recipients of plan.growth) {
		tell(`Measuring Track and Preview of ${asText(recipients)}…`);
		const measured = await compete({
			module: MODULE,
			contestants: ['tracking', 'planning', 'rawHeaders'],
			settings: stage.settingsOf(mailingOf(recipients)),
			pace: plan.pace,
		});
		const asked = { against: RAW_HEADERS, bar: 0, theirs: 'rawHeaders' };
		const mailing = `${asText(recipients)} with receipts of 7 kB`;
		rows.push(
			rowOf({ work: `Track of ${mailing}`, ours: 'tracking', ...asked }, measured),
			rowOf({ work: `Preview of ${mailing}, all sent`, ours: 'planning', ...asked }, measured),
		);
	}
	return rows;
}

/**
 * @param work what the contestant does, for the row
 * @param times in so many processes: when V8 collects garbage differs
 */
async function memoryRow(
	{ plan, stage }: Bench,
	name: string,
	{ work, times }: { readonly work: string; readonly times: number },
): Promise<Row> {
	const { small, large } = plan.memory;
	const growths: number[] = [];
	let last = {};
	for (let run = 0; run < times; run += 1) {
		const { growth, ...resources } = await measureMemory(name, MODULE, {
			small: stage.settingsOf(mailingOf(small)),
			large: stage.settingsOf(mailingOf(large)),
		});
		growths.push(growth);
		last = resources;
	}
	return limitRowOf(
		{
			work: `memory growth, ${work} ${asText(large)} against ${small}, heap capped at ${HEAP_MB} MB`,
			...{ against: `${GROWTH_LIMIT_MB} MB`, bar: 1 },
		},
		{ measure: 'megabytes', limit: GROWTH_LIMIT_MB, ours: growths },
		last,
	);
}

/** What memory is measured with is sent while it is measured. */
async function measureMemories(bench: Bench): Promise<Row[]> {
	const { plan, stage, tell } = bench;
	const { small, large, times } = plan.memory;
	tell(`Measuring memory, sending to ${asText(large)}…`);
	// It is sent once.
	const sent = await memoryRow(bench, 'sending', { work: 'Mailing: Send to', times: 1 });
	for (const recipients of [small, large]) await requireReceipts(stage, mailingOf(recipients));
	tell('Measuring memory, Track and Preview…');
	return [
		sent,
		await memoryRow(bench, 'tracking', { work: 'Track of', times }),
		await memoryRow(bench, 'planning', { work: 'Preview of', times }),
	];
}

export const track: Work = {
	name: 'track',
	purpose: 'following a mailing by its receipts, against downloading them; memory of a mailing',
	needs: [],
	notes: [
		'The nodes themselves, compiled as they are published, send mailings to ten customers of the sandbox, in turn, one message a row: each brings an acceptance and a delivery receipt (complete, the default). Every mailing has an account of its own, and everything has arrived before it is measured. Track has to tell every recipient as delivered, Preview has to find every row sent.',
		`Bytes are counted by a proxy between client and server, so TLS is in them; neither side compresses. Track reads records, headers and certification data, and verifies what is below 64 kB: the acceptances. At most 1 % is a ratio of ${BYTES_BAR}. Downloading asks a raw socket for all receipts whole, and keeps nothing.`,
		'How cost grows: recipients a second, and the peak of the process. The raw scan asks for UID, flags, INTERNALDATE, RFC822.SIZE and whole headers of all receipts in one command, and reads neither records nor certification data. Preview also composes every letter to weigh it.',
		`Memory is the peak of one process with a heap of ${HEAP_MB} MB, that works on the small mailing first and then on the large one: what it grew by; of Track and Preview the median of several processes. Rows and outcomes of the whole mailing are in it, as in n8n.`,
	],
	run: async ({ quick, rounds, tell }): Promise<Row[]> => {
		const { pace, ...sizes } = quick ? QUICK : FULL;
		const plan = { ...sizes, pace: { ...pace, ...(rounds === undefined ? {} : { rounds }) } };
		const library = await compileLibrary(tell);
		const mailings = mailingsOf(plan);
		const stage = await openStage([...mailings.small, mailings.large], library);
		const bench = { plan, stage, tell };
		try {
			const memories = await measureMemories(bench);
			const sent = [plan.memory.small, plan.memory.large];
			for (const mailing of [...mailings.small, mailings.large]) {
				if (!sent.includes(mailing.recipients) || mailing.attachment > 0) {
					await sendMailing(bench, mailing);
				}
			}
			const bytes = await measureBytes(bench, mailings.large);
			return [...bytes, ...(await measureGrowth(bench)), ...memories];
		} finally {
			await stage.stop();
		}
	},
};
