import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene, Where } from './scene.ts';

/** A place at which something goes wrong. */
export interface Point {
	readonly name: string;
	/** Makes it happen and resolves when it is over; false when it did not until the signal aborted. */
	readonly strike: (scene: Scene, signal: AbortSignal) => Promise<boolean>;
}

/** Of the two APPENDs that follow a message, the first holds the offer and the second the settlement. */
export const OFFER_ABOUT: Where = { at: 'imap.command', command: 'APPEND' };
export const OFFER_STORED: Where = { at: 'imap.done', command: 'APPEND' };
export const SETTLEMENT_ABOUT: Where = { at: 'imap.command', command: 'APPEND', skip: 1 };
export const SETTLEMENT_STORED: Where = { at: 'imap.done', command: 'APPEND', skip: 1 };
export const HEADER: Where = { at: 'imap.command', command: 'UID FETCH' };
/** The first fetch is of the header. */
export const BODY: Where = { ...HEADER, skip: 1 };
export const SEARCH: Where = { at: 'imap.done', command: 'UID SEARCH' };
export const EXAMINE: Where = { at: 'imap.command', command: 'EXAMINE' };
export const IDLE: Where = { at: 'imap.command', command: 'IDLE' };
export const GREETING: Where = { at: 'imap.connection' };

/** Bytes of a message whose body takes a while. */
export const LARGE = 1_500_000;

/** Waits for so many seconds, by the seed. */
export async function seconds({ random }: Scene, least: number, most: number): Promise<void> {
	await sleep(random.between(least * 1_000, most * 1_000));
}
