import { ok } from '../command.ts';
import type { CommandTable } from '../command.ts';

/** Commands about the session itself (RFC 3501 6.1, RFC 2971, RFC 5161, RFC 2342). */
export const sessionCommands: CommandTable = {
	CAPABILITY: {
		when: 'any',
		expunges: true,
		run(session, args) {
			args.end();
			session.write(`* CAPABILITY ${session.capabilityList()}\r\n`);
			return ok('listed');
		},
	},
	NOOP: {
		when: 'any',
		expunges: true,
		run(_session, args) {
			args.end();
			return ok('done');
		},
	},
	CHECK: {
		when: 'selected',
		expunges: true,
		run(_session, args) {
			args.end();
			return ok('done');
		},
	},
	LOGOUT: {
		when: 'any',
		expunges: true,
		run(session, args) {
			args.end();
			session.write('* BYE until next time\r\n');
			return { ...ok('signed out'), afterwards: () => session.connection.end() };
		},
	},
	ID: {
		when: 'any',
		capability: 'ID',
		expunges: true,
		run(session, args) {
			args.space();
			if (args.sees('(')) args.list(() => (args.sees('"') ? args.string() : args.astring()));
			else args.atom();
			args.end();
			session.write('* ID ("name" "PEC sandbox")\r\n');
			return ok('introduced');
		},
	},
	ENABLE: {
		when: 'authenticated',
		capability: 'ENABLE',
		expunges: true,
		run(session, args) {
			do args.space();
			while (args.atom() !== '' && !args.atEnd());
			// Nothing of what the server offers needs enabling.
			session.write('* ENABLED\r\n');
			return ok('done');
		},
	},
	NAMESPACE: {
		when: 'authenticated',
		capability: 'NAMESPACE',
		expunges: true,
		run(session, args) {
			args.end();
			session.write('* NAMESPACE (("" "/")) NIL NIL\r\n');
			return ok('listed');
		},
	},
};
