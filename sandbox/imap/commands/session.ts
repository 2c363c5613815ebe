import { ok } from '../command.ts';
import type { CommandTable } from '../command.ts';
import { enableCondstore } from '../modseq.ts';

/** RFC 7162, RFC 6855. */
const ENABLED_BY_NAME = new Set(['CONDSTORE', 'QRESYNC', 'UTF8=ACCEPT']);

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
			return { ...ok('signed out'), afterwards: () => session.hangUp() };
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
			const asked: string[] = [];
			do {
				args.space();
				asked.push(args.keyword());
			} while (!args.atEnd());
			const enabled = [...new Set(asked)].filter(
				(name) => ENABLED_BY_NAME.has(name) && session.capabilities.has(name),
			);
			session.write(`* ENABLED${enabled.map((name) => ` ${name}`).join('')}\r\n`);
			// RFC 7162 3.2.3: who uses QRESYNC uses CONDSTORE.
			if (enabled.includes('CONDSTORE') || enabled.includes('QRESYNC')) enableCondstore(session);
			for (const name of enabled) session.enabled.add(name);
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
