import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { Sandbox } from '../../sandbox/index.ts';
import { importExample, type ExampleParts } from './examples.ts';
import { credentialFor, startSandbox } from './flows.ts';
import type { FlowEditor } from './harness.ts';
import { openOfficeIn, type Office } from './officeDesk.ts';

export const APPROVER = 'responsabile@studio.test';
export const OFFICE = 'ufficio@studio.test';
const FROM = 'n8n@studio.test';

export interface Notice extends Office {
	readonly sandbox: Sandbox;
	readonly parts: ExampleParts;
	/** Recipients of what the provider took, in order of their addresses. */
	sent(): string[];
	/** Runs the second part by hand. */
	follow(settings?: Readonly<Record<string, number>>): Promise<void>;
}

interface Crm {
	readonly url: string;
	readonly changes: ReadonlyArray<{ readonly id: string; readonly body: unknown }>;
}

/** A CRM on this machine: gives its clients, and takes what is written of one, but for those that it refuses. */
export async function startCrm(
	clients: ReadonlyArray<Readonly<Record<string, string>>>,
	refused: readonly string[],
): Promise<Crm> {
	const changes: Array<{ id: string; body: unknown }> = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const json = (status: number, body: unknown) =>
				response
					.writeHead(status, { 'content-type': 'application/json' })
					.end(JSON.stringify(body));
			if (request.headers['x-api-key'] !== 'crm-key') return json(401, { message: 'no key' });
			if (request.method === 'GET') return json(200, clients);
			const id = request.url?.split('/').at(-1) ?? '';
			if (refused.includes(id)) return json(409, { message: 'the client is locked' });
			changes.push({ id, body: JSON.parse(Buffer.concat(chunks).toString()) });
			return json(200, {});
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/clients`, changes };
}

export async function openNotice(
	editor: FlowEditor,
	credential: Readonly<Record<string, unknown>> = {},
	crmUrl = 'http://127.0.0.1:9/clients',
): Promise<Notice & { readonly saved: { id: string; name: string } }> {
	const desk = await openOfficeIn(editor, 'PEC mailings');
	const sandbox = await startSandbox();
	const saved = await desk.rest.createCredential(credentialFor(sandbox, credential));
	const crm = await desk.rest.createCredential({
		name: 'CRM',
		type: 'httpHeaderAuth',
		data: { name: 'X-Api-Key', value: 'crm-key' },
	});
	const parts: ExampleParts = {
		credentials: { 'PEC account': saved, 'Office mailbox (SMTP)': desk.smtpCredential, CRM: crm },
		settings: { office: OFFICE, mailFrom: FROM, crmUrl },
	};
	return {
		...desk,
		sandbox,
		saved,
		parts,
		sent: () =>
			sandbox.log
				.submissions()
				.flatMap(({ recipients }) => recipients)
				.toSorted(),
		follow: async (settings = {}) => {
			const id = await importExample(desk.rest, 'mass-notice/follow.json', {
				...parts,
				settings: { ...parts.settings, ...settings },
			});
			const run = await desk.rest.runWorkflow(id, 'Every Hour', 90_000);
			expect(run.error).toBeUndefined();
		},
	};
}

export async function importFirstPart({ rest, parts }: Notice, settings = {}): Promise<string> {
	return await importExample(rest, 'mass-notice/workflow.json', {
		...parts,
		settings: { ...parts.settings, approver: APPROVER, ...settings },
	});
}

/** The address of the page that a mail leads to. */
export function linkIn(html: unknown): string {
	return (/href="([^"]+)"/.exec(String(html))?.[1] ?? '').replaceAll('&amp;', '&');
}
