import { join } from 'node:path';
import { prepareEditor } from '../../prepareEditor.ts';
import { POSTGRES_MISSING, postgresFolder } from '../../servers/postgres.ts';
import { REDIS_MISSING, redisPath } from '../../servers/redis.ts';
import type { Row } from '../rows.ts';
import { mailboxOf, type Contender } from '../trigger/flows.ts';
import { writeLetters } from '../trigger/letters.ts';
import { onStage, type Stage } from '../trigger/stage.ts';
import type { Work } from '../works.ts';
import { carry, type CarryingDesk, type CarryingFigures } from './carrying.ts';
import { INSPECTED } from './liveMemory.ts';
import { lettersFor, measureQueued, type CarryingPace } from './queued.ts';
import { carryingRows, waitingRows } from './scalingRows.ts';
import { measureWaiting, waitingFlows, type WaitingPace } from './waiting.ts';

interface Pace {
	readonly waiting: WaitingPace;
	readonly carrying: CarryingPace;
}

const QUICK: Pace = {
	waiting: { counts: [1, 10], windows: 2, windowMs: 5_000, settleMs: 2_000 },
	carrying: { mailboxes: 10, rounds: 1, each: 10, warmUp: 2 },
};

/** All windows together have everything in them that a trigger does by the clock: at least once in five minutes. */
const FULL: Pace = {
	waiting: { counts: [1, 10, 50], windows: 5, windowMs: 60_000, settleMs: 60_000 },
	carrying: { mailboxes: 10, rounds: 3, each: 100, warmUp: 10 },
};

const MOST = Math.max(...FULL.waiting.counts);

/** As often as in queue mode. */
async function measureRegular(
	{ editor }: Stage,
	desk: CarryingDesk,
	{ rounds, each, warmUp }: CarryingPace,
): Promise<CarryingFigures[]> {
	const figures: CarryingFigures[] = [];
	for (let round = 0; round < rounds; round += 1) {
		await carry(desk, { main: editor, workers: [] }, warmUp);
		figures.push(await carry(desk, { main: editor, workers: [] }, each));
	}
	return figures;
}

const missing = [
	...(postgresFolder() === undefined ? [POSTGRES_MISSING] : []),
	...(redisPath() === undefined ? [REDIS_MISSING] : []),
];

export const scaling: Work = {
	name: 'scaling',
	purpose: 'many triggers in one n8n, and queue mode with one worker and two',
	takesMinutes: true,
	needs: [],
	peers: [join(postgresFolder() ?? '', 'postgres'), redisPath() ?? 'redis-server'],
	notes: [
		"Waiting triggers: two n8n (regular mode, SQLite), one with PEC Triggers and one with n8n's Email Triggers (IMAP), as in the work `trigger`, each trigger in a workflow of its own on a mailbox of its own in which nothing arrives; both n8n are looked at in the same minutes, with no trigger and with more and more. Processor is what n8n's process used in a minute, memory of n8n is what is resident, the median of a sample a second; connections are those at the mail server. The bars are on n8n as a whole. What triggers add is what n8n uses with them less what it used without one, of the memory that it holds after V8 collected everything else (between the minutes); what is resident beside that is room that V8 keeps, and differs by more between two n8n.",
		'Messages carried: as many arrive at once in each of ten mailboxes, whose triggers are active; a run is the HTTP Request of the work `trigger`, every message has to have exactly one run, and the time ends with the last of them. Queue mode is a main, a webhook process and workers with n8n’s defaults (ten runs at once each), PostgreSQL without fsync and Redis, all on this machine together with the mail server: with few cores a second worker finds nothing idle that it could use, so the processor that a message costs tells more than messages a second. In regular mode the same n8n has all the other triggers too. CPU is of all processes of n8n for a message.',
		'What is calculated follows from the rows above it by division alone: processor of one core, shared by nobody; what servers and databases bear is not in it.',
	],
	run: async ({ workFolder, quick, rounds, tell }): Promise<Row[]> => {
		const { waiting, carrying } = quick ? QUICK : FULL;
		const pace = { ...carrying, ...(rounds === undefined ? {} : { rounds }) };
		const parts = await prepareEditor();
		tell('Writing the messages…');
		const written = await writeLetters(join(workFolder, 'letters'), lettersFor(pace));
		const planOf = (contender: Contender) => ({
			...parts,
			folder: join(workFolder, contender),
			mailboxes: waitingFlows(contender, MOST).map(mailboxOf),
			env: INSPECTED,
		});
		tell('Starting two n8n…');
		const [waited, regular] = await onStage(planOf('ours'), async (ours) => {
			const figures = await onStage(
				planOf('theirs'),
				async (theirs) =>
					await measureWaiting({ ours, theirs }, waiting, { pecCa: written.pecCa, tell }),
			);
			tell('Carrying messages in regular mode…');
			const flows = waitingFlows('ours', pace.mailboxes);
			const desk: CarryingDesk = { ...ours, ...written, flows, carried: 0 };
			return [figures, await measureRegular(ours, desk, pace)];
		});
		if (waited.length === 0) tell('There is no /proc here: processor and memory are not measured.');
		const rows = waitingRows(waited);
		if (missing.length > 0) {
			tell(`Queue mode is not measured. ${missing.join('; ')}`);
			return rows;
		}
		const queued = await measureQueued(parts, pace, { ...written, tell });
		return [...rows, ...carryingRows(pace.mailboxes, queued, regular)];
	},
};
