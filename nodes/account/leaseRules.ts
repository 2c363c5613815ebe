/** How long a server waits for the rest of a message (RFC 5321 4.5.3.2.5 and 4.5.3.2.6): then it drops the connection. */
export const SILENCE_MS = 10 * 60_000;

/**
 * How long after its last renewal a holder may write a final dot. What was written and is held up on its way is refused by the
 * server, or has arrived, before a successor begins.
 */
export const DOT_MS = 2 * 60_000;

export const LEASE_MS = DOT_MS + SILENCE_MS;

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
		// A claim whose answer was lost may be there twice. One that came late revives nothing: a successor may have begun.
		else if (known && at <= known.until) {
			claims.set(nonce, { ...known, until: Math.max(known.until, at + LEASE_MS) });
		}
	}
	return [...claims.values()].filter(({ nonce }) => !released.has(nonce));
}

/** Those that others have to respect at this time by the server's clock, the holder first. */
export function livingClaims(claims: readonly Claim[], now: number): Claim[] {
	return claims.filter(({ until }) => now <= until + GRACE_MS);
}

/**
 * Records of runs that wrote their last one longer ago than a lease lasts. A run that still counts has a record of its own, in
 * its view, that is younger: so it has seen all that those runs did, and needs them no more.
 */
export function bygoneIn(entries: readonly LeaseEntry[], now: number): number[] {
	const last = new Map<string, number>();
	for (const { nonce, at } of entries) last.set(nonce, Math.max(at, last.get(nonce) ?? 0));
	return entries
		.filter(({ nonce }) => now > (last.get(nonce) ?? now) + LEASE_MS + GRACE_MS)
		.map(({ uid }) => uid);
}
