import { BadCommandError } from './argumentParser.ts';
import type { ArgumentParser } from './argumentParser.ts';
import type { Session } from './session.ts';

const MODSEQ = /\d{1,19}/y;
/** RFC 7162 7: 63 bits. */
const HIGHEST = 2n ** 63n - 1n;

/** A mod-sequence, 0 included. The store's are small, so that a number holds whatever matters of a larger one. */
export function parseModseq(args: ArgumentParser): number {
	const text = args.take(MODSEQ);
	if (text === undefined || BigInt(text) > HIGHEST) {
		throw new BadCommandError('expected a mod-sequence');
	}
	return Number(text);
}

/** Whether mod-sequences may be asked for: not without CONDSTORE, nor in a folder that keeps none (RFC 7162 3.1.2.2). */
export function keepsModseq(session: Session): boolean {
	return session.capabilities.has('CONDSTORE') && session.capabilities.has('MODSEQ');
}

/**
 * The client uses mod-sequences: from now on every FETCH response tells them (RFC 7162 3.1). One that does so in the
 * middle of a folder learns from where on it will be told of everything.
 */
export function enableCondstore(session: Session): void {
	if (session.enabled.has('CONDSTORE')) return;
	session.enabled.add('CONDSTORE');
	if (session.selected === undefined || !keepsModseq(session)) return;
	session.write(`* OK [HIGHESTMODSEQ ${session.selected.toldModseq}] highest\r\n`);
}

/** ` MODSEQ (n)` for a FETCH response to a client that uses mod-sequences. */
export function modseqText(session: Session, message: { readonly modseq: number }): string {
	const tells = session.enabled.has('CONDSTORE') && keepsModseq(session);
	return tells ? ` MODSEQ (${message.modseq})` : '';
}
