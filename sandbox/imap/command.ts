import type { ArgumentParser } from './argumentParser.ts';
import type { Session } from './session.ts';

/** The tagged response to a command. */
export interface Reply {
	readonly status: 'OK' | 'NO' | 'BAD';
	/** A response code without its brackets, e.g. `TRYCREATE` (RFC 3501 7.1, RFC 5530). */
	readonly code?: string;
	readonly text: string;
	/** Done once the reply is sent. */
	readonly afterwards?: () => void;
}

/** `authenticated` includes `selected` (RFC 3501 3). */
export type SessionState = 'any' | 'notAuthenticated' | 'authenticated' | 'selected';

export interface CommandDefinition {
	readonly when: SessionState;
	/** Without this capability the server does not know the command. */
	readonly capability?: string;
	/** Whether EXPUNGE responses may come with its reply: not while numbers are at work (RFC 3501 7.4.1). */
	readonly expunges: boolean;
	/** Writes its untagged responses to the session. Throws BadCommandError. */
	run(session: Session, args: ArgumentParser): Reply | Promise<Reply>;
}

/** By upper-case name, e.g. `UID FETCH`. */
export type CommandTable = Readonly<Record<string, CommandDefinition>>;

export function ok(text: string, code?: string): Reply {
	return { status: 'OK', text, code };
}

export function no(text: string, code?: string): Reply {
	return { status: 'NO', text, code };
}
