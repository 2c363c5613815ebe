import type { Certificate, DirectoryName, Subtrees } from './certificate';

function splitAt(address: string): { local: string; host: string } {
	const at = address.lastIndexOf('@');
	return { local: address.slice(0, at), host: address.slice(at + 1).toLowerCase() };
}

/**
 * RFC 5280 4.2.1.10: `a@b` is that mailbox, `b` every mailbox on that host, `.b` every mailbox on the hosts below it.
 */
function isMailboxWithin(address: string, subtree: string): boolean {
	const { local, host } = splitAt(address);
	if (subtree.includes('@')) {
		const wanted = splitAt(subtree);
		return local === wanted.local && host === wanted.host;
	}
	const wanted = subtree.toLowerCase();
	return wanted.startsWith('.') ? host.endsWith(wanted) : host === wanted;
}

function isDirectoryWithin(name: DirectoryName, subtree: DirectoryName): boolean {
	return subtree.every((relative, index) => name[index] === relative);
}

function isMailboxIn({ emails }: Subtrees, mailbox: string): boolean {
	return emails.some((subtree) => isMailboxWithin(mailbox, subtree));
}

function isDirectoryIn({ directories }: Subtrees, name: DirectoryName): boolean {
	return directories.some((subtree) => isDirectoryWithin(name, subtree));
}

/**
 * Whether a CA may certify this subject and its addresses. A name of a kind that is not judged here is refused where the
 * CA is constrained in it (RFC 5280 4.2.1.10).
 */
export function permits(
	authority: Certificate,
	{ emails, subject, otherNames }: Certificate,
): boolean {
	const { nameConstraints } = authority;
	if (!nameConstraints) return true;
	const { permitted, excluded } = nameConstraints;
	const freely = {
		emails: permitted.emails.length === 0,
		names: permitted.directories.length === 0,
	};
	return (
		emails.every(
			(email) => !isMailboxIn(excluded, email) && (freely.emails || isMailboxIn(permitted, email)),
		) &&
		!isDirectoryIn(excluded, subject) &&
		(freely.names || isDirectoryIn(permitted, subject)) &&
		!otherNames.some((tag) => permitted.others.includes(tag) || excluded.others.includes(tag))
	);
}
