import { start } from '../../../sandbox/index.ts';
import type { EditorParts } from '../../prepareEditor.ts';
import { openQueueStage } from '../../queue/stage.ts';
import { Effects } from '../trigger/effects.ts';
import { mailboxOf, PASSWORD } from '../trigger/flows.ts';
import type { Letter } from '../trigger/letters.ts';
import { OWNER } from '../trigger/stage.ts';
import { carry, type CarryingDesk, type CarryingFigures } from './carrying.ts';
import { startWaiting, waitingFlows } from './waiting.ts';

export interface CarryingPace {
	readonly mailboxes: number;
	readonly rounds: number;
	/** Letters for each mailbox in a round. */
	readonly each: number;
	/** The same before it, not measured. */
	readonly warmUp: number;
}

export interface QueuedFigures {
	/** By round. */
	readonly oneWorker: readonly CarryingFigures[];
	readonly twoWorkers: readonly CarryingFigures[];
}

/** How many letters for each mailbox that takes. */
export function lettersFor({ rounds, each, warmUp }: CarryingPace): number {
	return 2 * rounds * (each + warmUp);
}

/** n8n in queue mode, in turns with two workers and with one. */
export async function measureQueued(
	parts: EditorParts,
	{ mailboxes, rounds, each, warmUp }: CarryingPace,
	{
		letters,
		pecCa,
		tell,
	}: {
		readonly letters: readonly Letter[];
		readonly pecCa: string;
		readonly tell: (line: string) => void;
	},
): Promise<QueuedFigures> {
	const flows = waitingFlows('ours', mailboxes);
	const accounts = flows.map((flow) => ({ address: mailboxOf(flow), password: PASSWORD }));
	const sandbox = await start({ accounts });
	const closings: (() => Promise<void>)[] = [async () => await sandbox.stop()];
	try {
		const effects = await Effects.start();
		closings.push(async () => await effects.stop());
		tell('Starting n8n in queue mode…');
		const stage = await openQueueStage(parts, OWNER);
		closings.push(async () => await stage.stop());
		const { editor: main, rest } = stage.main;
		await startWaiting({ sandbox, effects, rest }, flows, pecCa);
		const desk: CarryingDesk = { sandbox, effects, flows, letters, carried: 0 };
		const measured = async (count: number) => {
			const carriers = { main, workers: stage.workers.slice(0, count) };
			await carry(desk, carriers, warmUp);
			return await carry(desk, carriers, each);
		};
		const [, second] = stage.workers;
		const oneWorker: CarryingFigures[] = [];
		const twoWorkers: CarryingFigures[] = [];
		for (let round = 0; round < rounds; round += 1) {
			tell(`Carrying messages with two workers, and with one (round ${round + 1} of ${rounds})…`);
			if (round > 0) await second?.restart();
			twoWorkers.push(await measured(2));
			await second?.kill('SIGTERM');
			oneWorker.push(await measured(1));
		}
		return { oneWorker, twoWorkers };
	} finally {
		for (const close of closings.toReversed()) await close();
	}
}
