import { join } from 'node:path';
import { prepareEditor } from '../../prepareEditor.ts';
import type { Row } from '../rows.ts';
import type { Work } from '../works.ts';
import { HEAP_MB } from '../mailbox/memory.ts';
import { measureAlone } from './aloneStage.ts';
import { measureBacklog, measureEmitted } from './backlog.ts';
import type { EmittedFlow, MailboxFlow } from './flows.ts';
import { writeLetters } from './letters.ts';
import { measurePush } from './push.ts';
import type { PushPace } from './push.ts';
import { onStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { aloneRow, backlogRows, growthRows, pushRows, SMALL_BACKLOG } from './triggerRows.ts';

interface Pace {
	readonly push: PushPace;
	/** Messages. */
	readonly backlog: number;
}

/** The least that n8n itself works with. */
const EDITOR_HEAP_MB = 384;

const QUICK: Pace = { push: { rounds: 1, messages: 8, pauseMs: 250 }, backlog: 150 };
const FULL: Pace = { push: { rounds: 5, messages: 20, pauseMs: 400 }, backlog: 10_000 };

export const trigger: Work = {
	name: 'trigger',
	purpose: 'PEC Trigger in a real n8n: from push to run, and through a backlog',
	needs: [],
	notes: [
		'n8n (regular mode, SQLite, all executions saved, as it comes) has the packed package installed; the sandbox is the server, TLS on loopback. A flow is a trigger with its defaults (PEC Trigger: New PEC, Offer Again, five executions at once; the peer: version 2.2, unread messages, marks as read, simple format; its certificate checked too) and an HTTP Request to a page of the bench, which counts: every message has to have exactly one run, or there are no figures. Messages are transport envelopes of 9 kB written and signed by the sandbox, the same for both.',
		"Push to execution start: both flows are active in one n8n, each on a mailbox of its own. Messages arrive one at a time, for ours and for theirs in turns of a round. The clock starts when a client that only idles on the same mailbox is told of the message (the server's own push), and stops when the request of the run's first node arrives: fetching, for ours the record of the offer in the mailbox, n8n's own start of a run and that node are in it. The figures are of single messages. What ours takes longer than the peer is the check of the message's seal, that record, and n8n's look-up of the key by which it starts no run twice; the peer has none of them.",
		'A backlog lies there when its flow is activated for the first time (PEC Trigger: Start From Beginning); the last of its messages comes then, since the peer looks at what is there only when something arrives. Messages a second count from the activation to the effect of the last run. The peer gives up to 20 messages to one run, so its figures are of other work: nothing is asked there.',
		`Memory without n8n: the node itself in a process of its own, in front of an n8n that counts runs and ends each at once. It works off a mailbox of ${SMALL_BACKLOG} first, then the large one; the row is what its peak grew by. The cap is on the whole heap (\`--max-heap-size\`). A cap on the old generation alone (\`--max-old-space-size\`) leaves the young one as large as V8 likes to have it on this machine: any process that works for long enough grows by that, whatever it keeps.`,
		`Memory in n8n: what the peak of n8n's process (VmHWM) grew by when, after a backlog of ${SMALL_BACKLOG} in one mailbox, it worked off the large one in another. Its whole heap is capped at ${EDITOR_HEAP_MB} MB: with 256 MB n8n ends while it starts, with 320 MB at times; without a cap V8 keeps garbage as long as the machine has room, and the row would measure that. Beside it the same n8n with a trigger that does nothing but start as many runs, five at a time, with items of the same content: what n8n needs for them itself.`,
	],
	run: async ({ workFolder, quick, rounds, tell }): Promise<Row[]> => {
		const { push, backlog } = quick ? QUICK : FULL;
		const pace = { ...push, ...(rounds === undefined ? {} : { rounds }) };
		const plan = { ...(await prepareEditor()), folder: join(workFolder, 'stage') };
		tell('Writing the messages…');
		const count = Math.max(backlog, (pace.rounds + 1) * pace.messages);
		const written = await writeLetters(join(workFolder, 'letters'), count);
		const { pecCa } = written;
		const letters = written.letters.slice(0, backlog);
		const workOff = async (stage: Stage, flow: MailboxFlow, size: number) => {
			tell(`Measuring a backlog of ${size}, ${flow}…`);
			return await measureBacklog(stage, flow, { pecCa, letters: letters.slice(0, size) });
		};
		tell(`Measuring a backlog of ${backlog} without n8n…`);
		const folder = join(workFolder, 'alone');
		const alone = { small: SMALL_BACKLOG, letters, pecCa, nodes: plan.nodes, folder };
		const { memory, itemFile } = await measureAlone(alone);
		const start = async (stage: Stage, flow: EmittedFlow, size: number) => {
			tell(`Measuring ${size} runs, ${flow}…`);
			const messageIds = letters.slice(0, size).map(({ id }) => id);
			return await measureEmitted(stage, flow, { messageIds, itemFile });
		};
		const [pushed, theirs, glanced] = await onStage(plan, async (stage) => {
			tell(`Measuring from push to execution start, ${pace.rounds} rounds…`);
			const delays = await measurePush(stage, pace, written);
			const worked = await workOff(stage, 'theirs-backlog', backlog);
			return [delays, worked, quick ? await workOff(stage, 'ours-backlog', backlog) : undefined];
		});
		const rows = [...pushRows(pushed), aloneRow(backlog, HEAP_MB, memory)];
		// The memory of n8n takes two more of them.
		if (glanced) return [...rows, ...backlogRows(backlog, { ours: glanced, theirs })];
		const capped = { ...plan, heapMegabytes: EDITOR_HEAP_MB };
		const ours = await onStage(capped, async (stage) => ({
			small: await workOff(stage, 'ours-small', SMALL_BACKLOG),
			large: await workOff(stage, 'ours-backlog', backlog),
		}));
		const emitted = await onStage(capped, async (stage) => ({
			small: await start(stage, 'emitted-small', SMALL_BACKLOG),
			large: await start(stage, 'emitted-backlog', backlog),
		}));
		if (!ours.large.usage) tell('There is no /proc here: the memory of n8n is not measured.');
		return [
			...rows,
			...growthRows(backlog, EDITOR_HEAP_MB, { ours, emitted }),
			...backlogRows(backlog, { ours: ours.large, theirs }),
		];
	},
};
