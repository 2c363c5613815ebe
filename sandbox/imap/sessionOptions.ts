import type { SecureContext } from 'node:tls';
import type { Faults } from '../faults/faults.ts';
import type { MailStore } from '../store/mailStore.ts';
import type { Capabilities } from './capabilities.ts';
import type { Reply } from './command.ts';
import type { Connection } from './connection.ts';

/** What happened in a session, without anything a client sent but the name of a known command. */
export interface SessionEvent {
	readonly command: string;
	readonly status: Reply['status'];
	/** The cause of a `NO [SERVERBUG]`. */
	readonly error?: unknown;
}

/** Lets an account in until it leaves, or says how it is refused: `NO [LIMIT]` alone or BYE as well. */
export type EnterAccount = (
	address: string,
) =>
	{ readonly leave: () => void; readonly refusal?: undefined } | { readonly refusal: 'no' | 'bye' };

export interface SessionOptions {
	readonly connection: Connection;
	readonly store: MailStore;
	readonly capabilities: Capabilities;
	readonly secureContext: SecureContext;
	readonly now: () => Date;
	readonly enter: EnterAccount;
	readonly log: (event: SessionEvent) => void;
	readonly faults: Faults;
	/** Of the connection, from 1. */
	readonly number: number;
}
