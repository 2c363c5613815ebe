import { SILENCE_MS } from '../../../nodes/account/leaseRules.ts';
import type { SmtpSession, SubmissionAnswer } from '../../../nodes/mail/types.ts';
import { connectionLost } from './mailbox.ts';
import type { Process, World } from './world.ts';

/** How a provider may be worse than what is assumed of it. */
export interface ProviderFaults {
	/** It keeps a connection that is silent for as long as it likes. */
	readonly waitsForEver?: boolean;
}

const UNCLEAR: SubmissionAnswer = { verdict: 'unclear', message: 'lost' };

/** What an SMTP server took, in order; the messages are known by their recipient. */
export class ModelProvider {
	readonly taken: string[] = [];
	/** How many messages of one run were on their way at one time. */
	mostAtOnce = 0;
	readonly #underWay = new Map<Process, number>();
	readonly #world: World;
	readonly #faults: ProviderFaults;

	constructor(world: World, faults: ProviderFaults = {}) {
		this.#world = world;
		this.#faults = faults;
	}

	connect(run: Process): SmtpSession {
		const count = (change: 1 | -1) => {
			const atOnce = (this.#underWay.get(run) ?? 0) + change;
			this.#underWay.set(run, atOnce);
			this.mostAtOnce = Math.max(this.mostAtOnce, atOnce);
		};
		return {
			submit: async ({ to }, mayFinish = () => true) => {
				count(1);
				const answer = await this.#submit(run, to[0] ?? '', mayFinish);
				count(-1);
				return answer;
			},
			close: async () => await Promise.resolve(),
		};
	}

	async #submit(
		run: Process,
		recipient: string,
		mayFinish: () => boolean,
	): Promise<SubmissionAnswer> {
		let lastByteAt = 0;
		const refusal = await run
			.asks(
				`body ${recipient}`,
				(): SubmissionAnswer | undefined => {
					lastByteAt = this.#world.now;
					if (this.#world.chance(25)) return { verdict: 'deferred', isTooMuch: true };
					if (this.#world.chance(40)) return { verdict: 'rejected' };
					return undefined;
				},
				connectionLost,
			)
			.catch((): SubmissionAnswer => ({ verdict: 'deferred' }));
		if (refusal) return refusal;
		if (!mayFinish()) return { verdict: 'deferred' };
		return await run
			.asks(
				`dot ${recipient}`,
				(): SubmissionAnswer => {
					const isDropped = this.#world.now - lastByteAt > SILENCE_MS;
					if (isDropped && !this.#faults.waitsForEver) return UNCLEAR;
					this.taken.push(recipient);
					return { verdict: 'submitted', smtp: { code: 250, response: '250 ok' } };
				},
				connectionLost,
			)
			.catch(() => UNCLEAR);
	}
}
