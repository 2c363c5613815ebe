import type { Browser, Locator, Page } from 'playwright-core';
import type { Owner } from '../../scripts/editor/restTypes.ts';
import { Form } from './form.ts';

/** For one thing to be seen: a machine under load takes its time, a person waits. */
const PATIENCE_MS = 90_000;

/** A person at n8n's editor: does with mouse and keys what he sees, and waits until he sees what came of it. */
export class Person {
	readonly page: Page;
	readonly #url: string;

	private constructor(page: Page, url: string) {
		this.page = page;
		this.#url = url;
	}

	/** @param url the editor's, without a slash at the end */
	static async signIn(
		browser: Browser,
		url: string,
		owner: Owner,
		{ width = 1400, height = 900, scale = 1 } = {},
	): Promise<Person> {
		const page = await browser.newPage({
			viewport: { width, height },
			deviceScaleFactor: scale,
			locale: 'en-GB',
			timezoneId: 'Europe/Rome',
			colorScheme: 'light',
			reducedMotion: 'reduce',
		});
		page.setDefaultTimeout(PATIENCE_MS);
		page.setDefaultNavigationTimeout(2 * PATIENCE_MS);
		await page.goto(`${url}/signin`);
		await page.locator('input[name=emailOrLdapLoginId]').fill(owner.email);
		await page.locator('input[name=password]').fill(owner.password);
		await page.getByTestId('form-submit-button').click();
		await page.waitForURL(/\/(home|workflow)/);
		return new Person(page, url);
	}

	async openNewWorkflow(): Promise<void> {
		await this.page.goto(`${this.#url}/workflow/new`);
		await this.page.getByTestId('canvas-plus-button').waitFor();
	}

	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.#url}/workflow/${id}`);
		await this.page.getByTestId('canvas-node').first().waitFor();
	}

	/** From the panel; its form is open then. @param action as the panel calls it, of a node that has several */
	async addNode(name: string, action?: string): Promise<void> {
		const first = this.page.getByTestId('canvas-plus-button');
		await first.or(this.page.getByTestId('node-creator-plus-button')).first().click();
		await this.page.getByTestId('node-creator-search-bar').fill(name);
		await this.#panelItem(name).click();
		if (action !== undefined) await this.#panelItem(action).click();
		await this.form.root.waitFor();
	}

	#panelItem(name: string): Locator {
		return this.page.getByTestId('node-creator').getByText(name, { exact: true }).first();
	}

	async openNode(name: string): Promise<void> {
		await this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).dblclick();
		await this.form.root.waitFor();
	}

	async closeNode(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
		await this.page.getByTestId('ndv').waitFor({ state: 'hidden' });
	}

	/** Of the node that is open. */
	get form(): Form {
		return new Form(this.page.getByTestId('node-parameters'));
	}

	/** The dialog of a credential. */
	get credentialForm(): Form {
		return new Form(this.page.getByTestId('credential-edit-dialog'));
	}

	/** Where n8n asks for a credential of the node that is open, in the order of the form. */
	get credentials(): Locator {
		return this.page.getByTestId('node-credentials-slot');
	}

	/** Opens the dialog for a new one, whether n8n offers others or not. */
	async newCredential(): Promise<Form> {
		await this.#openCredentials();
		await this.page.getByTestId('node-credentials-select-item-new').click();
		await this.credentialForm.field('email').waitFor();
		return this.credentialForm;
	}

	async chooseCredential(name: string): Promise<void> {
		await this.#openCredentials();
		await this.page.getByRole('option', { name }).click();
	}

	async #openCredentials(): Promise<void> {
		await this.credentials.getByRole('combobox').first().click();
	}

	async saveCredential(): Promise<void> {
		await this.page.getByTestId('credential-save-button').click();
	}

	async runStep(): Promise<void> {
		await this.page.getByTestId('node-execute-button').click();
	}

	/** What the open node put out, or why it did not. */
	get output(): Locator {
		return this.page.getByTestId('output-panel');
	}
}
