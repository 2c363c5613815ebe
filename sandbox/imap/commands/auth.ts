import { BadCommandError } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import type { Session } from '../session.ts';

/** Base64 of SASL-IR (RFC 4959), `=` for an empty response. */
const INITIAL_RESPONSE = /[A-Za-z0-9+/=]+/y;

/** Signing in (RFC 3501 6.2). */
export const authCommands: CommandTable = {
	STARTTLS: {
		when: 'notAuthenticated',
		capability: 'STARTTLS',
		expunges: true,
		run(session, args) {
			args.end();
			if (session.connection.encrypted) throw new BadCommandError('TLS is on already');
			const { connection, secureContext } = session;
			return { ...ok('begin TLS'), afterwards: () => connection.upgrade(secureContext) };
		},
	},
	LOGIN: {
		when: 'notAuthenticated',
		expunges: true,
		run(session, args) {
			args.space();
			const user = args.astring().toString('utf8');
			args.space();
			const password = args.astring().toString('utf8');
			args.end();
			return signIn(session, user, password);
		},
	},
	AUTHENTICATE: {
		when: 'notAuthenticated',
		expunges: true,
		async run(session, args) {
			args.space();
			const mechanism = args.keyword();
			let response = args.takes(' ') ? args.take(INITIAL_RESPONSE) : undefined;
			args.end();
			if (mechanism !== 'PLAIN') return no('only PLAIN is offered', 'CANNOT');
			if (!session.connection.encrypted) return refusedInClear();
			if (response === undefined) {
				session.write('+ \r\n');
				await session.connection.flush();
				response = (await session.connection.nextCommand())?.lines.join('') ?? '*';
				// RFC 3501 6.2.2: a lone asterisk cancels.
				if (response === '*') return { status: 'BAD', text: 'cancelled' };
			}
			// RFC 4616: authorization identity, authentication identity, password.
			const [onBehalfOf, user, password] = Buffer.from(response, 'base64')
				.toString('utf8')
				.split('\0');
			if (user === undefined || password === undefined) {
				throw new BadCommandError('expected a PLAIN response');
			}
			if (onBehalfOf !== '' && onBehalfOf !== user) {
				return no('acting for another user is not allowed', 'AUTHORIZATIONFAILED');
			}
			return signIn(session, user, password);
		},
	},
};

function signIn(session: Session, user: string, password: string): Reply {
	if (!session.connection.encrypted) return refusedInClear();
	const account = session.store.signIn(user, password);
	if (account === undefined) return no('wrong user or password', 'AUTHENTICATIONFAILED');
	session.signIn(account);
	return ok('signed in', `CAPABILITY ${session.capabilityList()}`);
}

function refusedInClear(): Reply {
	return no('encrypt the connection first', 'PRIVACYREQUIRED');
}
