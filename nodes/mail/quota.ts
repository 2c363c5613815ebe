import type { ImapClient } from './imapClient';
import type { Quota } from './types';

/** Quota counts in units of 1,024 octets (RFC 2087 3). */
export const QUOTA_UNIT = 1_024;

type Attribute = { readonly value?: unknown } | readonly Attribute[] | null;

interface Untagged {
	readonly attributes?: readonly Attribute[];
}

/** A member of imapflow that it does not type, at a pinned version: it also runs the commands that it offers. */
interface CommandRunner {
	exec?(
		command: string,
		attributes: ReadonlyArray<{ type: string; value: string }>,
		options: { untagged: Record<string, (response: Untagged) => Promise<void>> },
	): Promise<{ next(): void }>;
}

/**
 * The space of a mailbox. A mailbox may count under several roots, such as its own and its domain's (RFC 9208 3.2), of
 * which imapflow's `getQuota` keeps the last one named: what fills up first is what stops new mail.
 * @returns `undefined` where the server has no QUOTA, names no limit of space, or refuses to tell
 */
export async function quotaOf(client: ImapClient): Promise<Quota | undefined> {
	if (!offersQuota(client)) return undefined;
	if ((client as CommandRunner).exec === undefined) return await quotaOfOneRoot(client);
	// What waits for news is ended by a command that imapflow offers, and only by such.
	await client.noop();
	const named: string[] = [];
	const quotas = new Map<string, Quota | undefined>();
	const note = async ({ attributes = [] }: Untagged) => {
		quotas.set(textOf(attributes[0]), storageOf(attributes[1]));
	};
	const answered = await run(client, 'GETQUOTAROOT', 'INBOX', {
		QUOTAROOT: async ({ attributes = [] }) => void named.push(...attributes.slice(1).map(textOf)),
		QUOTA: note,
	});
	if (!answered) return undefined;
	// A server may name the roots alone.
	for (const root of named) {
		if (!quotas.has(root)) await run(client, 'GETQUOTA', root, { QUOTA: note });
	}
	const limited = [...quotas.values()].filter((quota) => quota !== undefined);
	return limited.sort((one, other) => fullness(other) - fullness(one))[0];
}

function offersQuota({ capabilities }: ImapClient): boolean {
	return [...capabilities.keys()].some((name) => /^QUOTA(=RES-.*)?$/i.test(name));
}

async function quotaOfOneRoot(client: ImapClient): Promise<Quota | undefined> {
	const answer = await client.getQuota('INBOX');
	if (!answer || !answer.storage?.limit) return undefined;
	return { used: answer.storage.usage ?? 0, limit: answer.storage.limit };
}

/** @returns false when the server refused */
async function run(
	client: ImapClient,
	command: 'GETQUOTAROOT' | 'GETQUOTA',
	of: string,
	untagged: Record<string, (response: Untagged) => Promise<void>>,
): Promise<boolean> {
	const type = command === 'GETQUOTA' ? 'STRING' : 'ATOM';
	const asked = (client as CommandRunner).exec?.(command, [{ type, value: of }], { untagged });
	const response = await asked?.catch((error: unknown) => {
		if ((error as { responseStatus?: string }).responseStatus === undefined) throw error;
		return undefined;
	});
	// Until then imapflow reads nothing more.
	response?.next();
	return response !== undefined;
}

/** Of the triplets `STORAGE 512 1024`; `undefined` when space is not among what is limited. */
function storageOf(resources: Attribute | undefined): Quota | undefined {
	if (!Array.isArray(resources)) return undefined;
	for (let at = 0; at + 2 < resources.length; at += 3) {
		if (textOf(resources[at]).toUpperCase() !== 'STORAGE') continue;
		const [used, limit] = [resources[at + 1], resources[at + 2]].map((each) => numberOf(each));
		// Nought is written by servers for "no limit".
		if (used === undefined || limit === undefined || limit === 0) return undefined;
		return { used: used * QUOTA_UNIT, limit: limit * QUOTA_UNIT };
	}
	return undefined;
}

function textOf(attribute: Attribute | undefined): string {
	if (!attribute || Array.isArray(attribute)) return '';
	const { value } = attribute as { readonly value?: unknown };
	return Buffer.isBuffer(value) ? value.toString('utf8') : String(value ?? '');
}

function numberOf(attribute: Attribute | undefined): number | undefined {
	const text = textOf(attribute);
	return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function fullness({ used, limit }: Quota): number {
	return used / limit;
}
