import type { ProviderKey } from './provisioning.ts';
import type { ProviderStyle } from './provider.ts';

/** How late something comes, in milliseconds by the sandbox's clock, or that it never does. */
export type Lateness = { readonly delayMs: number } | 'never';

/** What may come late; at once unless said. */
export interface Steps {
	/** The sender's provider looks at the submission: acceptance or non-acceptance. Never: nothing follows at all. */
	readonly acceptance?: Lateness;
	/** The receipt of an acceptance alone; the message goes on its way, so that other receipts overtake it. */
	readonly acceptanceReceipt?: Lateness;
	/** The recipient's provider tells the sender's that it has the message (presa-in-carico). */
	readonly takenInCharge?: Lateness;
	/** The recipient's provider places the message, or fails to. Never: it was taken in charge and that was all. */
	readonly delivery?: Lateness;
}

/** Steps for some messages only; each member that is given must fit. */
export interface SlowRule extends Steps {
	/** A text is a whole address in any case, `*` standing for anything; for acceptance one recipient that fits is enough. */
	readonly to?: string | RegExp;
	/** The subject as a person reads it, likewise. */
	readonly subject?: string | RegExp;
}

/** How one provider differs from its usual self. */
export interface Dialect extends Partial<ProviderStyle>, Steps {
	/** The first rule that fits and speaks of a step decides it, before what holds for all messages. */
	readonly slow?: readonly SlowRule[];
	/** Each receipt reaches the user twice: the same message, delivered again with trace fields of its own. */
	readonly duplicateReceipts?: boolean;
	/** Receipts are sorted into this folder, levels separated by `/`; into INBOX once the user deleted it. */
	readonly receiptsFolder?: string;
}

/** A dialect of both providers, and what differs for one of them. */
export interface Dialects extends Dialect {
	readonly alfa?: Dialect;
	readonly beta?: Dialect;
}

/** What one provider does, from all that was asked for. */
export function dialectOf(dialects: Dialects, key: ProviderKey): Dialect {
	const { alfa, beta, ...both } = dialects;
	const own = { alfa, beta }[key] ?? {};
	return { ...both, ...own, slow: [...(own.slow ?? []), ...(both.slow ?? [])] };
}

/** How late a step of a message to these recipients is; `undefined` when it is not. */
export function latenessOf(
	dialect: Dialect,
	step: keyof Steps,
	message: { readonly recipients: readonly string[]; readonly subject?: string },
): Lateness | undefined {
	const rule = dialect.slow?.find(
		({ to, subject, ...steps }) =>
			steps[step] !== undefined &&
			(to === undefined || message.recipients.some((recipient) => fits(to, recipient))) &&
			(subject === undefined || fits(subject, message.subject ?? '')),
	);
	return (rule ?? dialect)[step];
}

function fits(pattern: string | RegExp, text: string): boolean {
	// a copy: a pattern with a state of its own (flags g and y) would answer in turns
	if (typeof pattern !== 'string') {
		return new RegExp(pattern, pattern.flags.replace(/[gy]/g, '')).test(text);
	}
	const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	return new RegExp(`^${parts.join('.*')}$`, 'isu').test(text);
}
