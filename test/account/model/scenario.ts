import { openRecords, type Records } from '../../../nodes/account/records.ts';
import { sendMailing } from '../../../nodes/account/sending.ts';
import { MailError } from '../../../nodes/mail/errors.ts';
import type { ImapSession } from '../../../nodes/mail/types.ts';
import { planMailing, type PlanMode, type PlannedRow } from '../../../nodes/pec/batch.ts';
import type { RecipientOutcome, Row } from '../../../nodes/pec/types.ts';
import { ModelMailbox, type MailboxFaults } from './mailbox.ts';
import { ModelProvider, type ProviderFaults } from './provider.ts';
import { Process, World, type Weather } from './world.ts';

const ACCOUNT = 'studio@pec.alfa.test';
const MAILING = 'Invio';
const MINUTE = 60_000;

export interface Scenario {
	readonly weather?: Weather;
	readonly mailbox?: MailboxFaults;
	readonly provider?: ProviderFaults;
	/** How many runs of the same mailing are started, at about the same time. */
	readonly runs?: number;
	readonly rows?: number;
	/** After half an hour a person looks what the provider took, and sends the rest of what is unclear once more. */
	readonly aPersonResends?: boolean;
	/** A person empties the folder of records while the runs go on. */
	readonly aPersonEmptiesRecords?: boolean;
	/** A mistake to be found. */
	readonly planted?: Planted;
}

/** What a run is made of, with a mistake in it. */
export type Planted = (parts: RunParts, run: Process) => RunParts;
export type RunParts = Parameters<typeof sendMailing>[0];

export interface Story {
	/** Recipients whose message the provider took more than once. */
	readonly doubles: readonly string[];
	/** Recipients whose message it did not take, and that no run shows as not sent, refused or unclear. */
	readonly forgotten: readonly string[];
	/** Shown as unclear at the end. */
	readonly unclear: number;
	readonly crashes: number;
	/** How many messages of one run were on their way at one time. */
	readonly mostAtOnce: number;
	/** Step by step, for who looks into it. */
	readonly history: readonly string[];
}

const FAIR: Weather = { crashes: false, pauses: false, losses: false };
const ROUGH: Weather = { crashes: true, pauses: true, losses: true };

export async function play(seed: number, scenario: Scenario = {}): Promise<Story> {
	const world = new World(seed, scenario.weather ?? ROUGH);
	const stage = new Stage(world, scenario);
	const count = scenario.runs ?? 2;
	for (let index = 0; index < count; index += 1) stage.start();
	if (scenario.aPersonResends) stage.startResending();
	if (scenario.aPersonEmptiesRecords) stage.emptySometime();
	await world.goOn();
	const crashes = world.runs.filter(({ isCrashed }) => isCrashed).length;
	const last = await stage.complete();
	const times = (recipient: string) =>
		stage.provider.taken.filter((taken) => taken === recipient).length;
	const recipients = stage.rows.map(({ recipient }) => recipient);
	return {
		doubles: recipients.filter((recipient) => times(recipient) > 1),
		forgotten: recipients.filter(
			(recipient) => times(recipient) === 0 && !isTold(last.get(recipient)),
		),
		unclear: [...last.values()].filter(({ state }) => state === 'inDoubt').length,
		crashes,
		mostAtOnce: stage.provider.mostAtOnce,
		history: world.history,
	};
}

/** That nothing was sent is said, or that nobody knows. */
function isTold(outcome: RecipientOutcome | undefined): boolean {
	return outcome !== undefined && ['inDoubt', 'rejected', 'queued'].includes(outcome.state);
}

class Stage {
	readonly provider: ModelProvider;
	readonly rows: readonly Row[];
	readonly #world: World;
	readonly #mailbox: ModelMailbox;
	readonly #planted: Planted;
	#nonces = 0;

	constructor(world: World, { rows = 4, planted = (parts) => parts, ...faults }: Scenario) {
		this.#world = world;
		this.#mailbox = new ModelMailbox(world, faults.mailbox);
		this.provider = new ModelProvider(world, faults.provider);
		this.#planted = planted;
		this.rows = Array.from({ length: rows }, (_, index) => ({
			recipient: `cliente${index + 1}@pec.beta.test`,
			rowKey: '',
			attempt: 1,
		}));
	}

	start(): Map<string, RecipientOutcome> {
		const run = new Process(this.#world);
		const outcomes = new Map<string, RecipientOutcome>();
		void this.#finish(run, this.#planted(this.#parts(run), run), outcomes);
		return outcomes;
	}

	async #finish(
		run: Process,
		parts: RunParts,
		outcomes: Map<string, RecipientOutcome>,
	): Promise<void> {
		try {
			for await (const { outcome } of sendMailing(parts)) outcomes.set(outcome.recipient, outcome);
		} catch (error) {
			// A run may end with a fault of the connection; anything else is a mistake of the model or of the code.
			if (!(error instanceof MailError)) throw error;
		} finally {
			run.isOver = true;
		}
	}

	/** Later runs in fair weather, until there is nothing to be sent any more. */
	async complete(): Promise<Map<string, RecipientOutcome>> {
		const world = new FairWorld(this.#world);
		let last = new Map<string, RecipientOutcome>();
		for (let runs = 0; runs < 6; runs += 1) {
			world.pass(20 * MINUTE);
			last = this.start();
			await this.#world.goOn();
			if ([...last.values()].every(({ action }) => action !== 'deferred')) break;
		}
		return last;
	}

	startResending(): void {
		const run = new Process(this.#world);
		const parts = this.#parts(run, { kind: 'resendUnclear', rows: 'send' });
		const isTaken = ({ row }: PlannedRow) => this.provider.taken.includes(row.recipient);
		const looking: RunParts = {
			...parts,
			plan: async () =>
				(await parts.plan()).map((row) =>
					isTaken(row) ? { ...row, decision: 'skipped' as const } : row,
				),
		};
		void (async () => {
			await run.clock.sleep(this.#world.random.between(31, 50) * MINUTE);
			await this.#finish(run, looking, new Map());
		})();
	}

	emptySometime(): void {
		this.#world.addStep({ run: undefined, isServers: true, happen: () => this.#mailbox.empty() });
	}

	#parts(run: Process, mode?: PlanMode): RunParts {
		let current: { imap: ImapSession; records: Promise<Records> } | undefined;
		const now = () => run.clock.now();
		const records = async (): Promise<Records> => {
			current ??= this.#connected(run, now, () => (current = undefined));
			return await current.records;
		};
		const plan = async (): Promise<PlannedRow[]> =>
			planMailing({
				account: ACCOUNT,
				mailing: MAILING,
				rows: this.rows,
				records: await (await records()).readMailing(MAILING),
				receipts: [],
				now: now(),
				...(mode ? { mode } : {}),
			});
		return {
			account: ACCOUNT,
			mailing: MAILING,
			records,
			smtp: async () => await Promise.resolve(this.provider.connect(run)),
			plan,
			build: async ({ row }) =>
				await Promise.resolve({ raw: Buffer.from('x'), to: [row.recipient] }),
			pace: { perMinute: 1_000 },
			maxDurationMs: 90 * MINUTE,
			clock: run.clock,
			nonce: () => (this.#nonces += 1).toString(16).padStart(20, '0'),
		};
	}

	/** A session that was lost is replaced when it is asked for again. */
	#connected(run: Process, now: () => Date, onLost: () => void) {
		const session = this.#mailbox.connect(run);
		const noting =
			<A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
			async (...args: A): Promise<T> => {
				try {
					return await work(...args);
				} catch (error) {
					onLost();
					return await Promise.reject(error as Error);
				}
			};
		const imap: ImapSession = {
			...session,
			open: noting(session.open),
			append: noting(session.append),
		};
		return { imap, records: openRecords(imap, { account: ACCOUNT, now }) };
	}
}

/** The same world, without trouble from now on. */
class FairWorld {
	readonly #world: World;

	constructor(world: World) {
		this.#world = world;
		Object.assign(world, { weather: FAIR });
	}

	pass(ms: number): void {
		this.#world.pass(ms);
	}
}
