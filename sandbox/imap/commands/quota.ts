import { no, ok } from '../command.ts';
import type { CommandTable } from '../command.ts';
import { decodeMailboxName } from '../mailboxName.ts';
import { mailboxString } from '../responseText.ts';
import type { Session } from '../session.ts';

/** One quota for the whole account. */
const ROOT = 'User quota';
const KIBIBYTE = 1024;

/** How full the account is (RFC 9208, of which RFC 2087 is a part). */
export const quotaCommands: CommandTable = {
	GETQUOTA: {
		when: 'authenticated',
		capability: 'QUOTA',
		expunges: true,
		run(session, args) {
			args.space();
			const root = args.astring().toString('utf8');
			args.end();
			if (root !== ROOT) return no('there is no such quota root', 'NONEXISTENT');
			session.write(quotaText(session));
			return ok('counted');
		},
	},
	GETQUOTAROOT: {
		when: 'authenticated',
		capability: 'QUOTA',
		expunges: true,
		run(session, args) {
			args.space();
			const name = decodeMailboxName(args.astring(), session.utf8);
			args.end();
			// As Dovecot does, also for a folder that is not there: it would count against this root.
			session.write(`* QUOTAROOT ${mailboxString(name, session.utf8)} "${ROOT}"\r\n`);
			session.write(quotaText(session));
			return ok('counted');
		},
	},
	SETQUOTA: {
		when: 'authenticated',
		capability: 'QUOTA',
		expunges: true,
		run: () => no('quotas are not set by clients', 'NOPERM'),
	},
};

/** STORAGE counts units of 1024 bytes (RFC 9208 5.1). */
function quotaText(session: Session): string {
	if (!session.capabilities.has('QUOTA=RES-STORAGE')) return `* QUOTA "${ROOT}" ()\r\n`;
	const account = session.signedIn();
	const used = Math.ceil(account.usedBytes / KIBIBYTE);
	const limit = Math.floor(account.quotaLimit / KIBIBYTE);
	return `* QUOTA "${ROOT}" (STORAGE ${used} ${limit})\r\n`;
}
