import { BadCommandError } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable, Reply } from '../command.ts';
import type { Session } from '../session.ts';

/** Base64 of SASL-IR (RFC 4959), `=` for an empty response. */
const INITIAL_RESPONSE = /[A-Za-z0-9+/=]+/y;

/** Asks for one more response of the client; base64 both ways, decoded here. Throws BadCommandError. */
type Challenge = (text: string) => Promise<Buffer>;

interface Credentials {
	readonly onBehalfOf: string;
	readonly user: string;
	readonly password: string;
}

const MECHANISMS: ReadonlyMap<
	string,
	(first: Buffer | undefined, ask: Challenge) => Promise<Credentials>
> = new Map([
	['PLAIN', readPlain],
	['LOGIN', readLogin],
]);

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
			return signIn(session, { onBehalfOf: '', user, password });
		},
	},
	AUTHENTICATE: {
		when: 'notAuthenticated',
		expunges: true,
		async run(session, args) {
			args.space();
			const name = args.keyword();
			const takesFirst = session.capabilities.has('SASL-IR') && args.takes(' ');
			const first = takesFirst ? args.take(INITIAL_RESPONSE) : undefined;
			args.end();
			const read = session.capabilities.has(`AUTH=${name}`) ? MECHANISMS.get(name) : undefined;
			if (read === undefined) return no('this mechanism is not offered', 'CANNOT');
			if (!session.connection.encrypted) return refusedInClear();
			const firstBytes = first === undefined ? undefined : Buffer.from(first, 'base64');
			return signIn(session, await read(firstBytes, (text) => challenge(session, text)));
		},
	},
};

/** RFC 4616: authorization identity, authentication identity, password. */
async function readPlain(first: Buffer | undefined, ask: Challenge): Promise<Credentials> {
	const response = first ?? (await ask(''));
	const [onBehalfOf = '', user, password] = response.toString('utf8').split('\0');
	if (user === undefined || password === undefined) {
		throw new BadCommandError('expected a PLAIN response');
	}
	return { onBehalfOf, user, password };
}

/** Never a standard; the prompts are the ones clients know. */
async function readLogin(first: Buffer | undefined, ask: Challenge): Promise<Credentials> {
	const user = (first ?? (await ask('Username:'))).toString('utf8');
	return { onBehalfOf: '', user, password: (await ask('Password:')).toString('utf8') };
}

async function challenge({ connection }: Session, text: string): Promise<Buffer> {
	connection.write(`+ ${Buffer.from(text).toString('base64')}\r\n`);
	await connection.flush();
	const response = (await connection.nextCommand())?.lines.join('') ?? '*';
	// RFC 3501 6.2.2: a lone asterisk cancels.
	if (response === '*') throw new BadCommandError('cancelled');
	return Buffer.from(response, 'base64');
}

function signIn(session: Session, { onBehalfOf, user, password }: Credentials): Reply {
	if (!session.connection.encrypted) return refusedInClear();
	if (onBehalfOf !== '' && onBehalfOf !== user) {
		return no('acting for another user is not allowed', 'AUTHORIZATIONFAILED');
	}
	const account = session.store.signIn(user, password);
	if (account === undefined) return no('wrong user or password', 'AUTHENTICATIONFAILED');
	const refusal = session.signIn(account);
	if (refusal !== undefined) {
		const reply = no('too many connections of this account', 'LIMIT');
		if (refusal === 'no') return reply;
		session.write('* BYE too many connections of this account\r\n');
		return { ...reply, afterwards: () => session.hangUp() };
	}
	return ok('signed in', `CAPABILITY ${session.capabilityList()}`);
}

function refusedInClear(): Reply {
	return no('encrypt the connection first', 'PRIVACYREQUIRED');
}
