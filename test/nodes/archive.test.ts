import type { IDataObject } from 'n8n-workflow';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ArchiveGoogleOAuth2Api } from '../../credentials/ArchiveGoogleOAuth2Api.credentials.ts';
import { ArchiveMicrosoftOAuth2Api } from '../../credentials/ArchiveMicrosoftOAuth2Api.credentials.ts';
import { archiveAccessOf, openArchive, type ArchiveSession } from '../../nodes/n8n/archive.ts';
import { archiveFolderOf } from '../../nodes/n8n/archiveFields.ts';
import { archiveSignIn } from '../../nodes/n8n/archiveTest.ts';
import { createPki, type Pki } from '../../sandbox/pki/hierarchy.ts';
import { startScripted, type ScriptedServer } from '../servers/scriptedServer.ts';
import { executeFunctions } from './executeFunctions.ts';

const ADDRESS = 'archivio@studio.test';
const ISSUER = 'https://issuer.test/token';
const CAPABILITIES = 'IMAP4rev1 AUTH=XOAUTH2 SASL-IR';

let pki: Pki;
const open: Array<() => Promise<unknown>> = [];

beforeAll(async () => {
	pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
});
afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

/** Lets in whoever has the token that is valid now. */
async function tokenServer(isValid: (token: string) => boolean): Promise<ScriptedServer> {
	const server = await startScripted({
		tls: pki.tls,
		greet: ({ say }) => say(`* OK [CAPABILITY ${CAPABILITIES}] scripted`),
		answer: (line, { say }) => {
			const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
			const [, encoded] = /^AUTHENTICATE XOAUTH2 (\S+)$/i.exec(command) ?? [];
			if (encoded !== undefined) {
				const said = Buffer.from(encoded, 'base64').toString();
				const [, user, token = ''] =
					/^user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01/.exec(said) ?? [];
				const isIn = user === ADDRESS && isValid(token);
				return say(isIn ? `${tag} OK in` : `${tag} NO [AUTHENTICATIONFAILED] expired`);
			}
			if (/^CAPABILITY/i.test(command)) say(`* CAPABILITY ${CAPABILITIES}`);
			if (/^LIST/i.test(command)) say('* LIST () "/" INBOX');
			return say(`${tag} OK done`);
		},
	});
	open.push(server.stop);
	return server;
}

/** n8n as far as a token is concerned: it keeps one, and renews it when a request fails in the way named. */
function host(
	server: ScriptedServer,
	tokens: readonly string[],
	certified = 'studio@pec.alfa.test',
) {
	const asked: string[] = [];
	const left = [...tokens];
	let current = left.shift();
	const functions = executeFunctions({
		credential: undefined,
		parameters: { archiveSignIn: 'microsoft' },
	});
	functions.getCredentials = (async (name: string) => {
		expect(name).toBe('archiveMicrosoftOAuth2Api');
		return {
			email: ADDRESS,
			imapHost: server.host,
			imapPort: server.port,
			tlsCa: pki.tlsCa,
			accessTokenUrl: ISSUER,
			...(current === undefined ? {} : { oauthTokenData: { access_token: current } }),
		} satisfies IDataObject;
	}) as typeof functions.getCredentials;
	functions.helpers.httpRequestWithAuthentication = (async (
		_name: string,
		{ url }: { url: string },
		options: { oauth2: { tokenExpiredStatusCode: number[] } },
	) => {
		asked.push(url);
		if (options.oauth2.tokenExpiredStatusCode.includes(404)) current = left.shift() ?? current;
		throw new Error('Request failed with status code 404');
	}) as unknown as typeof functions.helpers.httpRequestWithAuthentication;
	const archive: ArchiveSession = openArchive(archiveAccessOf(functions), {
		address: certified,
		user: certified,
		imap: { host: 'imaps.pec.test', port: 993, secure: true },
	});
	open.push(archive.close);
	return { archive, asked };
}

describe('an ordinary mailbox that is opened with a token', () => {
	it('is opened with the one that n8n keeps, and nothing is asked of its issuer', async () => {
		const { archive, asked } = host(await tokenServer((token) => token === 'one'), ['one', 'two']);
		expect((await (await archive.imap()).listFolders()).map(({ path }) => path)).toEqual(['INBOX']);
		expect(asked).toEqual([]);
	});

	it('is opened again with a new one when the connection ends after the token did', async () => {
		let valid = 'one';
		const server = await tokenServer((token) => token === valid);
		const { archive, asked } = host(server, ['one', 'two']);
		const first = await archive.imap();
		valid = 'two';
		await server.dropConnections();
		await first.closed;
		const second = await archive.imap();
		expect(second).not.toBe(first);
		expect(await second.listFolders()).toHaveLength(1);
		expect(asked).toEqual([ISSUER]);
	});

	it('says what to do when the token cannot be renewed, without showing it', async () => {
		const { archive } = host(await tokenServer(() => false), ['geheim']);
		const failed = archive.imap();
		await expect(failed).rejects.toMatchObject({
			message: expect.stringContaining('expired'),
			whatToDo: expect.stringContaining('sign in again'),
		});
		await failed.catch((error: unknown) => expect(String(error)).not.toContain('geheim'));
	});

	it('is refused when it is the certified mailbox itself', async () => {
		const server = await tokenServer(() => true);
		const { archive } = host(server, ['one'], ADDRESS.toUpperCase());
		await expect(archive.imap()).rejects.toMatchObject({
			message: expect.stringContaining('certified mailbox itself'),
		});
		expect(server.connections()).toBe(0);
	});

	it('is not opened before a person signed in', async () => {
		const { archive } = host(await tokenServer(() => true), []);
		await expect(archive.imap()).rejects.toMatchObject({
			message: expect.stringContaining('not connected'),
		});
	});

	it('is told by the Test button whether it opens', async () => {
		const server = await tokenServer((token) => token === 'one');
		const test = async (token: string) =>
			await archiveSignIn.call({} as never, {
				id: '1',
				name: 'Archivio',
				type: 'archiveGoogleOAuth2Api',
				data: {
					email: ADDRESS,
					imapHost: server.host,
					imapPort: server.port,
					tlsCa: pki.tlsCa,
					oauthTokenData: { access_token: token },
				},
			});
		expect(await test('one')).toMatchObject({ status: 'OK' });
		expect(await test('other')).toMatchObject({ status: 'Error' });
	});
});

describe('what Microsoft and Google are asked for', () => {
	const fieldOf = (credential: ArchiveGoogleOAuth2Api | ArchiveMicrosoftOAuth2Api, name: string) =>
		String(credential.properties.find((property) => property.name === name)?.default);

	it('is IMAP, with a token that can be renewed while nobody is there', () => {
		const [microsoft, google] = [new ArchiveMicrosoftOAuth2Api(), new ArchiveGoogleOAuth2Api()];
		expect(fieldOf(microsoft, 'scope').split(' ')).toEqual([
			'https://outlook.office.com/IMAP.AccessAsUser.All',
			'offline_access',
		]);
		expect(fieldOf(google, 'scope')).toBe('https://mail.google.com/');
		expect(fieldOf(google, 'authQueryParameters')).toContain('access_type=offline');
		for (const credential of [microsoft, google]) expect(credential.extends).toEqual(['oAuth2Api']);
	});
});

describe('the folder that copies go to', () => {
	it('is of the month in which the message was received there, not in Greenwich', () => {
		const lastMoment = new Date('2026-12-31T23:30:00.000Z');
		expect(archiveFolderOf('PEC/{year}/{month}', lastMoment, 'Europe/Rome')).toBe('PEC/2027/01');
		expect(archiveFolderOf('PEC/{year}', lastMoment, 'UTC')).toBe('PEC/2026');
		expect(archiveFolderOf('PEC', lastMoment, 'UTC')).toBe('PEC');
	});
});
