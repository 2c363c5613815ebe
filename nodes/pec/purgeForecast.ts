import { planPurge, type PurgeRequest } from './purge';
import { presentFields } from './presentFields';
import { amountOf, amountsBy, DAY_MS } from './spaceAmounts';
import type { PolicyForecast, SpaceMessage } from './spaceReportTypes';
import type { Space } from './space';
import type { CopyRecord, PurgeVerdict } from './types';

/** What the mailbox's records say. */
export type CleanUpFacts = Pick<PurgeRequest, 'copies' | 'records' | 'acknowledgements'>;

export interface ForecastFacts extends CleanUpFacts {
	readonly messages: readonly SpaceMessage[];
	readonly space: Pick<Space, 'used' | 'limit'>;
	readonly now: Date;
}

/** What Clean Up would do, by its own plan: as things are, and if every message had a checked copy. */
export function forecastPolicies(
	facts: ForecastFacts,
	daysOfPolicies: readonly number[],
): PolicyForecast[] {
	const { messages, copies, now } = facts;
	const cutOf = (days: number) => now.getTime() - days * DAY_MS;
	// The plan of the shortest age holds those of the longer ones: of a message it is its own date that counts.
	const shortest = new Date(cutOf(Math.min(...daysOfPolicies)));
	const times = new Map(messages.map((one) => [placeOf(one), Date.parse(one.receivedAt)]));
	const dated = (plan: readonly PurgeVerdict[]) =>
		plan.map((verdict) => ({
			...verdict,
			time: times.get(placeOf(verdict.message)) ?? Number.NaN,
		}));
	const plan = dated(planOf(facts, copies, shortest));
	const planAfterCopy = dated(planOf(facts, withEveryCopy(facts), shortest));
	return daysOfPolicies.map((olderThanDays) => {
		const isOld = ({ time }: { readonly time: number }) => time <= cutOf(olderThanDays);
		return policyOf(facts.space, olderThanDays, plan.filter(isOld), planAfterCopy.filter(isOld));
	});
}

/** The only question to `planPurge`: with the settings that Clean Up has unless they are changed. */
function planOf(
	{ messages, records = [], acknowledgements = [] }: ForecastFacts,
	copies: ReadonlyMap<string, CopyRecord>,
	olderThan: Date,
): PurgeVerdict[] {
	return planPurge({
		...{ candidates: messages, copies, records, acknowledgements },
		...{ olderThan, keepUnread: true },
	});
}

/** @param old verdicts of what is so old, as things are; `oldAfterCopy` if all had a copy */
function policyOf(
	space: ForecastFacts['space'],
	olderThanDays: number,
	old: readonly PurgeVerdict[],
	oldAfterCopy: readonly PurgeVerdict[],
): PolicyForecast {
	const freed = amountOf(deletable(old));
	const freedAfterCopy = amountOf(deletable(oldAfterCopy));
	const kept = oldAfterCopy.flatMap(({ verdict, message, blockedBy: [reason] }) =>
		verdict === 'delete' || reason === undefined ? [] : [{ size: message.size, reason }],
	);
	const percentWithout = (size: number) =>
		space.limit === undefined
			? undefined
			: Math.round((Math.max(0, space.used - size) / space.limit) * 1000) / 10;
	return presentFields<PolicyForecast>({
		olderThanDays,
		old: amountOf(old.map(({ message }) => message)),
		now: freed,
		afterCopy: freedAfterCopy,
		kept: amountsBy(kept, ({ reason }) => reason).map(([reason, amount]) => ({
			reason,
			...amount,
		})),
		percentNow: percentWithout(freed.size),
		percentAfterCopy: percentWithout(freedAfterCopy.size),
	});
}

function deletable(plan: readonly PurgeVerdict[]): Array<PurgeVerdict['message']> {
	return plan.filter(({ verdict }) => verdict === 'delete').map(({ message }) => message);
}

function placeOf({ folder, uidValidity, uid }: PurgeVerdict['message']): string {
	return `${uid} ${uidValidity} ${folder}`;
}

/** The copies there are, and one for each message that has none, or one that does not fit. */
function withEveryCopy({ messages, copies, now }: ForecastFacts): Map<string, CopyRecord> {
	const all = new Map(copies);
	for (const { pecKey, size, headers } of messages) {
		const known = copies.get(pecKey);
		if (known?.size === size) continue;
		all.set(pecKey, {
			...known,
			pecKey,
			size,
			kind: headers.kind,
			sha256: '',
			location: '',
			checkedAt: now.toISOString(),
			method: 'readBack',
			level: 'checked',
			// Only what is sound when it is read whole would be let go.
			verified: true,
		});
	}
	return all;
}
