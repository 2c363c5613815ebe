import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { start } from '../../sandbox/index.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { CHROMIUM_MISSING, findChromium, openChromium } from '../browser/chromium.ts';
import { Person } from '../browser/person.ts';
import { credentialFor, STUDIO } from './flows.ts';
import { useEditor } from './harness.ts';
import { OWNER } from './owner.ts';

/** n8n's editor takes seconds to load, and a minute where other work has the machine. */
const LIMIT = { timeout: 400_000 };

const missing = findChromium() === undefined;
const CLIENT = 'cliente01@pec.beta.test';
const FOLDER = 'Pratiche 2026';

describe(`a person at the editor${missing ? ` (${CHROMIUM_MISSING})` : ''}`, LIMIT, () => {
	let sandbox: Sandbox;
	let browser: Browser;
	let person: Person;
	/** As its list of choices calls it; the first test makes another, by hand. */
	let credential: string;

	beforeAll(async () => {
		if (missing) return;
		const { rest, url } = await useEditor();
		sandbox = await start();
		browser = await openChromium();
		person = await Person.signIn(browser, url, OWNER);
		const saved = await rest.createCredential(credentialFor(sandbox));
		credential = saved.name;
	});

	afterAll(async () => {
		await browser?.close();
		await sandbox?.stop();
	});

	/** Opens a new workflow, and keeps what was seen last when the test fails. */
	async function begin(): Promise<void> {
		onTestFailed(async () => {
			const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-pec-seen-'));
			const path = join(folder, 'failed.png');
			await person.page.screenshot({ path });
			console.error(`What was seen last: ${path}`);
		});
		await person.openNewWorkflow();
	}

	it.skipIf(missing)(
		'makes a credential, which says what to do about a wrong password, and tests green with the right one',
		async () => {
			await begin();
			await person.addNode('PEC Send', 'Send a message');
			const form = await person.newCredential();
			const { data } = credentialFor(sandbox);
			await form.choose('provider', 'Sandbox');
			for (const name of [
				'email',
				'imapHost',
				'imapPort',
				'smtpHost',
				'smtpPort',
				'tlsCa',
				'pecCa',
			]) {
				await form.fill(name, String(data[name]));
			}
			await form.fill('password', 'not-the-password');
			await person.saveCredential();
			await form.root.getByText('More details').click();
			await form.root.getByText(/refused the sign-in.*two-factor/).waitFor();

			await form.fill('password', String(data.password));
			await person.saveCredential();
			await form.root.waitFor({ state: 'hidden' });
			await person.page.getByTestId('credential-edit-button').click();
			await form.root.getByRole('button', { name: 'Retry' }).click();
			await form.root.getByText('Connection tested successfully').waitFor();
		},
	);

	it.skipIf(missing)(
		'picks a folder from the list of the server and sees its messages',
		async () => {
			sandbox.store.account(STUDIO)?.createFolder(FOLDER);
			const raw = Buffer.from(
				'From: a@posta.test\r\nSubject: Fascicolo 2026-17\r\n\r\nBuongiorno\r\n',
			);
			sandbox.deliverRaw(raw, STUDIO, { folder: FOLDER });
			await begin();
			await person.addNode('PEC Mailbox', 'Get many messages');
			await person.chooseCredential(credential);
			const list = await person.form.listOf('folder');
			await list.filter({ hasText: FOLDER }).click();
			await person.runStep();
			await person.output.getByText('Fascicolo 2026-17').first().waitFor();
		},
	);

	it.skipIf(missing)(
		'finds Resource and Operation in the form of PEC Mailbox, and both credentials of a copy (the editor took all of them for choices of a credential)',
		async () => {
			await begin();
			await person.addNode('PEC Mailbox', 'Copy a message to an ordinary mailbox');
			await person.form.field('resource').waitFor();
			await person.form.field('operation').waitFor();
			await person.form.choose('archiveSignIn', 'Microsoft 365');
			const second = person.credentials.getByText('Ordinary Mailbox (Microsoft 365)');
			await second.first().waitFor();
			await person.form.choose('operation', 'Get Many');
			await second.first().waitFor({ state: 'hidden' });
		},
	);

	it.skipIf(missing)(
		'sends a message and sees its state; of an address that is none, what to do',
		async () => {
			await begin();
			await person.addNode('PEC Send', 'Send a message');
			await person.chooseCredential(credential);
			await person.form.fill('to', 'studio rossi');
			await person.form.fill('subject', 'Convocazione assemblea');
			await person.form.fill('text', 'Buongiorno');
			await person.runStep();
			await person.output.getByTestId('node-error-message').getByText(/^To/).waitFor();
			await person.output.getByTestId('node-error-description').waitFor();
			expect(sandbox.log.submissions()).toEqual([]);

			await person.form.fill('to', CLIENT);
			await person.runStep();
			await person.output.getByText('submitted').first().waitFor();
			await sandbox.settled();
			expect(sandbox.log.submissions()).toHaveLength(1);
		},
	);

	it.skipIf(missing)('adds the trigger and sees the newest message it would start on', async () => {
		await sandbox.sendAs(CLIENT, { to: STUDIO, subject: 'Richiesta atti', text: 'Buongiorno' });
		await sandbox.settled();
		await begin();
		await person.addNode('PEC Trigger', 'Add to workflow');
		await person.chooseCredential(credential);
		await person.runStep();
		await person.output.getByText('Richiesta atti').first().waitFor();
	});
});
