import { BadCommandError } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable } from '../command.ts';

/** Everything behind its OK is compressed, both ways (RFC 4978). */
export const compressCommands: CommandTable = {
	COMPRESS: {
		when: 'authenticated',
		capability: 'COMPRESS=DEFLATE',
		expunges: true,
		run({ connection }, args) {
			args.space();
			if (args.keyword() !== 'DEFLATE') throw new BadCommandError('only DEFLATE is offered');
			args.end();
			if (connection.compressed) return no('compression is on already', 'COMPRESSIONACTIVE');
			return { ...ok('compressing'), afterwards: () => connection.compress() };
		},
	},
};
