import { ok } from '../command.ts';
import type { CommandTable } from '../command.ts';

/** Hearing of changes at once (RFC 2177). */
export const idleCommands: CommandTable = {
	IDLE: {
		when: 'authenticated',
		capability: 'IDLE',
		expunges: true,
		async run(session, args) {
			args.end();
			const line = await session.idle();
			const isDone = line?.literals.length === 0 && line.lines[0]?.toUpperCase() === 'DONE';
			return isDone ? ok('done') : { status: 'BAD', text: 'expected DONE' };
		},
	},
};
