import { OverQuotaError, StorageFullError } from '../../store/errors.ts';
import { BadCommandError } from '../argumentParser.ts';
import type { ArgumentParser } from '../argumentParser.ts';
import { no, ok } from '../command.ts';
import type { CommandTable } from '../command.ts';
import { parseInternalDate } from '../dates.ts';
import { storableFlags } from '../keywords.ts';
import { decodeMailboxName } from '../mailboxName.ts';
import type { Session } from '../session.ts';

const UTF8_WORD = /UTF8 /iy;

/** Adding a message (RFC 3501 6.3.11, RFC 4315; with NUL RFC 3516 4.4, with UTF-8 headers RFC 6855 4). */
export const appendCommands: CommandTable = {
	APPEND: {
		when: 'authenticated',
		expunges: true,
		run(session, args) {
			args.space();
			const path = decodeMailboxName(args.astring(), session.utf8);
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
			const raw = parseMessageLiteral(session, args);
			args.end();
			if (raw.length === 0) return no('a message has at least a header');
			const account = session.signedIn();
			const folder = account.folder(path);
			if (folder === undefined) return no('there is no such folder', 'TRYCREATE');
			const storable = storableFlags(session, folder, flags);
			if ('refusal' in storable) return storable.refusal;
			try {
				const { uid, uidValidity } = account.deliver(raw, {
					folder: path,
					flags: [...storable.flags],
					internalDate,
				});
				const tells = session.capabilities.has('UIDPLUS');
				return ok('appended', tells ? `APPENDUID ${uidValidity} ${uid}` : undefined);
			} catch (error) {
				if (error instanceof OverQuotaError) return no('the mailbox is full', 'OVERQUOTA');
				// Dovecot gives a full disk the same code.
				if (error instanceof StorageFullError) return no('the disk is full', 'OVERQUOTA');
				throw error;
			}
		},
	},
};

/** `{n}`, `~{n}` or `UTF8 (~{n})`. */
function parseMessageLiteral(session: Session, args: ArgumentParser): Buffer {
	if (session.utf8 && args.take(UTF8_WORD) !== undefined) {
		args.expect('(');
		args.expect('~');
		const raw = args.literal();
		args.expect(')');
		return raw;
	}
	if (session.capabilities.has('BINARY')) args.takes('~');
	return args.literal();
}
