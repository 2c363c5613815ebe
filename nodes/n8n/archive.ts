import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import type { AccountSettings, ImapSession, ImapSettings } from '../mail/types';
import { MailError } from '../mail/errors';
import { openImap } from '../mail/imap';
import { UserError } from './errors';

/** How a person signs in to the ordinary mailbox, and the credential for each way. */
export const ARCHIVE_CREDENTIALS = {
	password: 'archiveMailboxApi',
	microsoft: 'archiveMicrosoftOAuth2Api',
	google: 'archiveGoogleOAuth2Api',
} as const;

export type ArchiveSignIn = keyof typeof ARCHIVE_CREDENTIALS;

/** The field that says which. */
export const ARCHIVE_FIELD = 'archiveSignIn';

/** The ordinary mailbox of one execution: connected when first asked for, again when the connection was lost. */
export interface ArchiveSession {
	address(): Promise<string>;
	imap(): Promise<ImapSession>;
	/** Never throws. */
	close(): Promise<void>;
}

/** What opens it: settings as they are now, and for tokens a way to get a fresh one. */
export interface ArchiveAccess {
	settings(): Promise<ImapSettings>;
	/** Renews the token. @returns false where there is none */
	renew(): Promise<boolean>;
}

/** @param certified whose messages are copied: a copy in the same mailbox is none */
export function openArchive(
	{ settings: read, renew }: ArchiveAccess,
	certified: MailboxName,
): ArchiveSession {
	let imap: Promise<ImapSession> | undefined;
	const settings = async (): Promise<ImapSettings> => {
		const now = await read();
		if (isSameMailbox(now, certified)) throw sameMailbox();
		return now;
	};
	const connect = async (): Promise<ImapSession> => {
		const signingIn = settings().then(async (now) => await openImap(now));
		return await signingIn.catch(async (error: unknown) => {
			// A token lives for an hour; a server says no more than that it does not take it.
			const isRefused = error instanceof MailError && error.code === 'authRefused';
			if (!isRefused || !(await renew())) throw error;
			return await openImap(await settings());
		});
	};
	return {
		address: async () => (await settings()).address,
		imap: async () => {
			const forget = (): void => {
				imap = undefined;
			};
			imap ??= connect().then((open) => {
				void open.closed.then(forget);
				return open;
			});
			imap.catch(forget);
			return await imap;
		},
		close: async () => {
			await Promise.allSettled([imap?.then(async (open) => await open.close())]);
		},
	};
}

type MailboxName = Pick<AccountSettings, 'address' | 'imap' | 'user'>;

function isSameMailbox(one: MailboxName, other: MailboxName): boolean {
	if (one.address.toLowerCase() === other.address.toLowerCase()) return true;
	const isSameServer = one.imap.host.toLowerCase() === other.imap.host.toLowerCase();
	return isSameServer && one.user.toLowerCase() === other.user.toLowerCase();
}

function sameMailbox(): UserError {
	return new UserError(
		'The ordinary mailbox is the certified mailbox itself',
		'Choose a credential of another mailbox: a copy beside the message would be lost with it.',
	);
}

/** @throws UserError when the token is missing */
export function readArchive(
	signIn: ArchiveSignIn,
	data: ICredentialDataDecryptedObject,
): ImapSettings {
	const text = (name: string) => String(data[name] ?? '').trim();
	const address = text('email').toLowerCase();
	const tlsCa = text('tlsCa');
	const host = text('imapHost');
	if (host === '') {
		throw new UserError(
			'The ordinary mailbox has no server',
			'Enter IMAP Host in its credential, from the instructions for mail programs.',
		);
	}
	const common = {
		address,
		user: text('user') || text('email'),
		imap: {
			host,
			port: Number(data.imapPort) || 993,
			secure: text('imapSecurity') !== 'startTls',
		},
		...(tlsCa ? { tlsCa } : {}),
	};
	if (signIn === 'password') return { ...common, password: String(data.password ?? '') };
	const accessToken = tokenOf(data);
	if (accessToken === undefined) throw notConnected();
	return { ...common, password: '', accessToken };
}

function tokenOf({ oauthTokenData }: ICredentialDataDecryptedObject): string | undefined {
	if (typeof oauthTokenData !== 'object' || !('access_token' in oauthTokenData)) return undefined;
	const token = oauthTokenData.access_token;
	return typeof token === 'string' && token !== '' ? token : undefined;
}

function notConnected(): UserError {
	return new UserError(
		'The credential of the ordinary mailbox is not connected',
		'Open the credential and press the button that signs in to Microsoft or Google.',
	);
}

/** Every status by which an issuer may answer a request that it does not understand. */
const ANY_REFUSAL = [400, 401, 403, 404, 405, 406, 411, 415, 422, 429, 500, 501];

/** Nothing is asked of n8n before the mailbox is needed. The credential of item 0 counts for all. */
export function archiveAccessOf(functions: IExecuteFunctions): ArchiveAccess {
	const signIn = (): ArchiveSignIn => {
		const chosen = String(functions.getNodeParameter(ARCHIVE_FIELD, 0, 'password'));
		return chosen === 'microsoft' || chosen === 'google' ? chosen : 'password';
	};
	const read = async () => await functions.getCredentials(ARCHIVE_CREDENTIALS[signIn()]);
	return {
		settings: async () => readArchive(signIn(), await read()),
		renew: async () => {
			const way = signIn();
			if (way === 'password') return false;
			const before = await read();
			await renewToken(functions, ARCHIVE_CREDENTIALS[way], String(before.accessTokenUrl ?? ''));
			if (tokenOf(await read()) === tokenOf(before)) throw notRenewed();
			return true;
		},
	};
}

/**
 * n8n renews a token and stores it when a request with it fails in the way named; it has no other way to ask for it. The
 * request goes to who issued the token, so that nobody else sees it, and is to fail.
 */
async function renewToken(
	functions: IExecuteFunctions,
	credential: string,
	issuer: string,
): Promise<void> {
	const asked = functions.helpers.httpRequestWithAuthentication.call(
		functions,
		credential,
		{ method: 'GET', url: issuer },
		{ oauth2: { tokenExpiredStatusCode: ANY_REFUSAL } },
	);
	await Promise.allSettled([asked]);
}

function notRenewed(): UserError {
	return new UserError(
		'The sign-in to the ordinary mailbox has expired and could not be renewed',
		'Open its credential and sign in again: the permission was withdrawn, or the password has changed.',
	);
}
