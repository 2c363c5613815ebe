/** SMTP's ten minutes for the answer to DATA (RFC 5321 4.5.3.2.6), and two: a holder outlives the slowest of its messages. */
export const LEASE_MS = 12 * 60_000;

/** What others wait beyond that: for clocks that run apart, and dates that are cut to the second. */
export const GRACE_MS = 60_000;

export type LeaseStep = 'claim' | 'renewal' | 'release';

/** One lease record as the mailbox holds it. */
export interface LeaseEntry {
	readonly uid: number;
	/** Of the run that wrote it. */
	readonly nonce: string;
	readonly step: LeaseStep;
	/** INTERNALDATE, milliseconds: the server's clock is the only one that all runs share. */
	readonly at: number;
}

/** A run's place in line. */
export interface Claim {
	readonly nonce: string;
	/** Of its first record: the order of the line. */
	readonly uid: number;
	/** Until when it lives, by the server's dates; others add the grace. */
	readonly until: number;
}

/** The claims of a view, first in line first; those that were given up are left out, those that ended are not. */
export function claimsIn(entries: readonly LeaseEntry[]): Claim[] {
	const claims = new Map<string, Claim>();
	const released = new Set<string>();
	for (const { uid, nonce, step, at } of [...entries].sort((one, other) => one.uid - other.uid)) {
		const known = claims.get(nonce);
		if (step === 'release') released.add(nonce);
		else if (step === 'claim' && !known) claims.set(nonce, { nonce, uid, until: at + LEASE_MS });
		// One that came late revives nothing: a successor may have begun.
		else if (step === 'renewal' && known && at <= known.until) {
			claims.set(nonce, { ...known, until: Math.max(known.until, at + LEASE_MS) });
		}
	}
	return [...claims.values()].filter(({ nonce }) => !released.has(nonce));
}

/** Those that others have to respect at this time by the server's clock, the holder first. */
export function livingClaims(claims: readonly Claim[], now: number): Claim[] {
	return claims.filter(({ until }) => now <= until + GRACE_MS);
}
