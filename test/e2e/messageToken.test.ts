import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createPki } from '../../sandbox/pki/hierarchy.ts';
import { startScripted } from '../servers/scriptedServer.ts';
import { STUDIO, createFlow, credentialFor, folder, pec, startSandbox } from './flows.ts';
import { useEditor } from './harness.ts';

const CAPABILITIES = 'IMAP4rev1 AUTH=XOAUTH2 SASL-IR';

/** Issues one token, for whoever has the refresh token; anything else is refused, as Microsoft and Google do. */
async function startIssuer(): Promise<{ url: string; renewed: () => number }> {
	let renewed = 0;
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			const form = new URLSearchParams(body);
			const isRenewal =
				request.method === 'POST' &&
				form.get('grant_type') === 'refresh_token' &&
				form.get('refresh_token') === 'lasting';
			if (isRenewal) renewed += 1;
			response.writeHead(isRenewal ? 200 : 400, { 'Content-Type': 'application/json' });
			const token = { access_token: 'fresh', token_type: 'Bearer', expires_in: 3600 };
			response.end(JSON.stringify(isRenewal ? token : { error: 'invalid_request' }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}/token`, renewed: () => renewed };
}

/** Signs in by token, and knows no more than that. */
async function startTokenImap() {
	const pki = await createPki({ providers: [], now: new Date(), tls: 'valid' });
	const tokens: string[] = [];
	const server = await startScripted({
		tls: pki.tls,
		greet: ({ say }) => say(`* OK [CAPABILITY ${CAPABILITIES}] scripted`),
		answer: (line, { say }) => {
			const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
			const [, encoded] = /^AUTHENTICATE XOAUTH2 (\S+)$/i.exec(command) ?? [];
			if (encoded !== undefined) {
				const said = Buffer.from(encoded, 'base64').toString();
				tokens.push(/auth=Bearer ([^\x01]*)/.exec(said)?.[1] ?? '');
				return say(
					tokens.at(-1) === 'fresh' ? `${tag} OK in` : `${tag} NO [AUTHENTICATIONFAILED] expired`,
				);
			}
			if (/^CAPABILITY/i.test(command)) say(`* CAPABILITY ${CAPABILITIES}`);
			const isQuiet = /^(CAPABILITY|LOGOUT|NOOP|ID|NAMESPACE|ENABLE)/i.test(command);
			return say(isQuiet ? `${tag} OK done` : `${tag} NO not here`);
		},
	});
	onTestFinished(async () => await server.stop());
	return { server, tlsCa: pki.tlsCa, tokens };
}

it('an expired token of the ordinary mailbox is renewed by n8n and kept for the next run', async () => {
	const { rest } = await useEditor();
	const sandbox = await startSandbox();
	await sandbox.sendAs('cliente02@pec.beta.test', { to: [STUDIO], subject: 'x', text: 'x' });
	await sandbox.settled();
	const issuer = await startIssuer();
	const { server, tlsCa, tokens } = await startTokenImap();
	const credential = await rest.createCredential(credentialFor(sandbox));
	const archive = await rest.createCredential({
		name: `Token ${server.port}`,
		type: 'archiveMicrosoftOAuth2Api',
		data: {
			email: 'archivio@studio.test',
			clientId: 'client',
			clientSecret: 'secret',
			grantType: 'authorizationCode',
			authentication: 'body',
			authUrl: issuer.url,
			accessTokenUrl: issuer.url,
			imapHost: server.host,
			imapPort: server.port,
			tlsCa,
			oauthTokenData: { access_token: 'stale', refresh_token: 'lasting', token_type: 'Bearer' },
		},
	});
	const list = pec('pecMailbox', 'List', credential, {
		resource: 'message',
		operation: 'getMany',
		folder: folder('INBOX'),
		returnAll: true,
		filters: {},
	});
	const copy = pec('pecMailbox', 'Copy', credential, {
		resource: 'message',
		operation: 'copyToMailbox',
		pecKey: '={{ $json.pecKey }}',
		archiveSignIn: 'microsoft',
		archiveFolder: 'PEC',
		form: 'exact',
		options: {},
	});
	const { id, name } = archive;
	const withArchive = {
		...copy,
		credentials: { ...copy.credentials, archiveMicrosoftOAuth2Api: { id, name } },
	};
	for (let times = 0; times < 2; times += 1) {
		const { error } = await (await createFlow(rest, [list, withArchive])).run();
		// It got as far as the folders of a server that has none.
		expect(error?.message).toMatch(/refused the request/);
	}
	expect(issuer.renewed()).toBe(1);
	expect(tokens).toEqual(['stale', 'fresh', 'fresh']);
});
