import type { FaultEntry } from '../log.ts';
import type { Curtains } from './curtains.ts';
import { Hiding, type FaultClock } from './hiding.ts';
import type { Line } from './line.ts';
import { changeMailbox } from './mailboxActions.ts';
import { ruleProblem } from './ruleCheck.ts';
import type { FaultAction, FaultEvent, FaultRule, ImapAnswer, SmtpAnswer } from './rules.ts';
import { StandingRule, type FaultHandle } from './standingRule.ts';

/** What a point tells the server to do instead of going on. */
export type Verdict =
	/** The connection is gone. */
	| { readonly kind: 'over' }
	| { readonly kind: 'answer'; readonly answer: ImapAnswer | SmtpAnswer }
	/** Say that it was done, and do nothing. */
	| { readonly kind: 'ignore' };

type Action<Kind extends FaultAction['do']> = Extract<FaultAction, { do: Kind }>;

/** A connection at a point. */
export interface Passage {
	readonly line?: Line;
	/** Bytes the client sent already and the server has not read. */
	readonly ahead?: number;
	/** Brings the connection exactly to the point; called when a rule strikes there. */
	readonly ready?: () => Promise<void>;
}

export interface FaultsOptions extends FaultClock {
	/** Told of every fault that struck, before it does anything. */
	readonly log: (entry: FaultEntry) => void;
}

/** Real time, and no log. */
const BY_ITSELF: FaultsOptions = {
	now: () => new Date(),
	schedule: () => () => undefined,
	log: () => undefined,
};

/** What goes wrong on request. The servers come by at every point; without a rule nothing happens there. */
export class Faults {
	readonly #log: FaultsOptions['log'];
	readonly #hiding: Hiding;
	readonly #rules = new Set<StandingRule>();

	constructor(options: FaultsOptions = BY_ITSELF) {
		this.#log = options.log;
		this.#hiding = new Hiding(options);
	}

	/** What is stored and not seen by all. */
	get curtains(): Curtains {
		return this.#hiding.curtains;
	}

	/** Puts a rule in force, behind those that are. Throws a TypeError that says what is wrong with it. */
	add(rule: FaultRule): FaultHandle {
		const problem = ruleProblem(rule);
		if (problem !== undefined) throw new TypeError(problem);
		const standing = new StandingRule(rule, (removed) => this.#rules.delete(removed));
		this.#rules.add(standing);
		return standing;
	}

	/** Removes all rules, and releases what they held. */
	clear(): void {
		for (const standing of [...this.#rules]) standing.remove();
	}

	/**
	 * A server passes a point. All rules that strike there act, in the order they were added; the first answer counts.
	 * Undefined when the server goes on, at once when no rule struck. Never rejects.
	 *
	 * @param passage the connection; none at `mailbox.delivered`
	 */
	reach(event: FaultEvent, passage: Passage = {}): Promise<Verdict | undefined> | undefined {
		if (event.point === 'imap.done') this.#hiding.settle(event.connection ?? 0);
		const striking = [...this.#rules].filter((standing) => standing.strikes(event));
		return striking.length === 0 ? undefined : this.#act(striking, event, passage);
	}

	async #act(
		striking: readonly StandingRule[],
		event: FaultEvent,
		{ line, ahead = 0, ready }: Passage,
	): Promise<Verdict | undefined> {
		// what is hidden must be so before anybody else has a turn
		if (ready !== undefined) await ready();
		let verdict: Verdict | undefined;
		for (const standing of striking) {
			this.#log(entryOf(standing.rule, event));
			standing.tell();
			const { action } = standing.rule;
			if (action.do === 'answer') verdict ??= { kind: 'answer', answer: action };
			else if (action.do === 'ignore') verdict ??= { kind: 'ignore' };
			else if (action.do === 'hide') this.#hide(standing, action, event, line);
			else if (action.do === 'drop' || action.do === 'stall' || action.do === 'slow') {
				if (line !== undefined) await this.#harm(standing, action, line, ahead);
			} else if (action.do === 'call') {
				await this.#call(standing, () => action.run(event), line);
			} else {
				await this.#call(standing, () => changeMailbox(action, event), line);
			}
			if (line?.over === true) return { kind: 'over' };
		}
		// it will add nothing
		if (verdict !== undefined) this.#hiding.settle(event.connection ?? 0);
		return verdict;
	}

	async #harm(
		standing: StandingRule,
		action: Action<'drop' | 'stall' | 'slow'>,
		line: Line,
		ahead: number,
	): Promise<void> {
		if (action.do === 'slow') return line.slow(action.bytesPerSecond, action.direction);
		const direction = action.direction ?? 'sent';
		const after = (action.afterBytes ?? 0) - (direction === 'received' ? ahead : 0);
		if (action.do === 'drop') return line.cut(after, direction);
		const release = line.stall(after, direction);
		if (!line.stalled) {
			line.whenOver(standing.hold(release));
			return;
		}
		await new Promise<void>((resolve) => {
			const end = standing.hold(() => {
				release();
				resolve();
			});
			line.whenOver(end);
		});
	}

	/** A connection that goes away does not wait for it. */
	async #call(standing: StandingRule, run: () => unknown, line?: Line): Promise<void> {
		const gone = new Promise<void>((resolve) => line?.whenOver(resolve));
		try {
			const running = run();
			if (running instanceof Promise) await Promise.race([running, gone]);
		} catch (error) {
			standing.error = error;
			line?.cut(0, 'sent');
		}
	}

	#hide(
		standing: StandingRule,
		{ forMs = Infinity }: Action<'hide'>,
		event: FaultEvent,
		line: Line | undefined,
	): void {
		const { connection, mailbox, folder, uid } = event;
		if (folder !== undefined && uid !== undefined) {
			standing.hold(this.#hiding.delivered(folder, uid, forMs));
		} else if (mailbox !== undefined && connection !== undefined) {
			standing.hold(this.#hiding.nextCommand(connection, mailbox, forMs));
			line?.whenOver(() => this.#hiding.settle(connection));
		}
	}
}

function entryOf({ name, action }: FaultRule, event: FaultEvent): FaultEntry {
	const { point, command, account, connection } = event;
	return {
		type: 'fault',
		point,
		protocol: protocolOf(point),
		...(command === undefined ? {} : { command }),
		...(account === undefined ? {} : { account }),
		...(connection === undefined ? {} : { connection }),
		action: action.do,
		...(name === undefined ? {} : { name }),
	};
}

function protocolOf(point: FaultEvent['point']): FaultEntry['protocol'] {
	if (point.startsWith('imap.')) return 'imap';
	return point.startsWith('smtp.') ? 'smtp' : 'mailbox';
}
