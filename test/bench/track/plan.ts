import type { Pace } from '../contest.ts';

/** A mailing of one row a recipient, sent by an account of its own. */
export interface MailingPlan {
	/** Also of its account. */
	readonly name: string;
	readonly recipients: number;
	/** Bytes, shared by all; base64 makes a third more of them. 0: none. */
	readonly attachment: number;
}

/** What is measured, and how much of it. */
export interface TrackPlan {
	/** Recipients of the mailing whose receipts are large. */
	readonly large: number;
	/** Recipients of mailings whose receipts are small. */
	readonly growth: readonly number[];
	/** What can be repeated is measured in so many processes (`times`). */
	readonly memory: { readonly small: number; readonly large: number; readonly times: number };
	/** A round is one run. */
	readonly pace: Pace;
}

export const QUICK: TrackPlan = {
	large: 25,
	growth: [10, 200],
	memory: { small: 10, large: 200, times: 1 },
	pace: { rounds: 1, milliseconds: 1, warmUp: 1 },
};

export const FULL: TrackPlan = {
	large: 1_000,
	growth: [10, 1_000, 10_000],
	memory: { small: 100, large: 10_000, times: 3 },
	pace: { rounds: 3, milliseconds: 1, warmUp: 1 },
};

/** Of a complete receipt of 2 MB. */
const ATTACHMENT_BYTES = 1_450_000;

export const LARGE_RECEIPTS = 'large-receipts';

export function mailingOf(recipients: number): MailingPlan {
	return { name: `mailing-${recipients}`, recipients, attachment: 0 };
}

/** Again and again: one accountant has many clients. */
export const RECIPIENTS: readonly string[] = Array.from(
	{ length: 10 },
	(_, index) => `cliente${String(index + 1).padStart(2, '0')}@pec.beta.test`,
);

export function senderOf({ name }: MailingPlan): string {
	return `${name}@pec.alfa.test`;
}

/** Each once; those that memory is measured with come first, the smaller before the larger. */
export function mailingsOf({ large, growth, memory }: TrackPlan): {
	readonly small: readonly MailingPlan[];
	readonly large: MailingPlan;
} {
	const sizes = new Set([memory.small, memory.large, ...growth]);
	return {
		small: [...sizes].map(mailingOf),
		large: { name: LARGE_RECEIPTS, recipients: large, attachment: ATTACHMENT_BYTES },
	};
}
