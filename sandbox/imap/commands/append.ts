import { FolderError, OverQuotaError, StorageFullError } from '../../store/errors.ts';
import { BadCommandError } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable } from '../command.ts';
import { parseInternalDate } from '../dates.ts';
import { decodeMailboxName } from '../mailboxName.ts';

/** Adding a message (RFC 3501 6.3.11, RFC 4315). */
export const appendCommands: CommandTable = {
	APPEND: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			args.space();
			const folder = decodeMailboxName(args.astring());
			args.space();
			let flags: string[] = [];
			if (args.sees('(')) {
				flags = args.list(() => args.flag());
				args.space();
			}
			let internalDate: Date | undefined;
			if (args.sees('"')) {
				internalDate = parseInternalDate(args.string().toString('latin1'));
				if (internalDate === undefined) throw new BadCommandError('expected a date and time');
				args.space();
			}
			const raw = args.literal();
			args.end();
			try {
				const { uid, uidValidity } = session
					.signedIn()
					.deliver(raw, { folder, flags, internalDate });
				const tells = session.capabilities.has('UIDPLUS');
				return ok('appended', tells ? `APPENDUID ${uidValidity} ${uid}` : undefined);
			} catch (error) {
				if (error instanceof OverQuotaError) return no('the mailbox is full', 'OVERQUOTA');
				// Dovecot gives a full disk the same code.
				if (error instanceof StorageFullError) return no('the disk is full', 'OVERQUOTA');
				if (error instanceof FolderError) return no('there is no such folder', 'TRYCREATE');
				throw error;
			}
		},
	},
};
