import type { Locator } from 'playwright-core';

/** The fields of a node or a credential, by the names that they are saved under. */
export class Form {
	readonly root: Locator;

	constructor(root: Locator) {
		this.root = root;
	}

	field(name: string): Locator {
		return this.root.getByTestId(`parameter-input-${name}`);
	}

	async fill(name: string, text: string): Promise<void> {
		await this.field(name).locator('input, textarea').first().fill(text);
	}

	/** @param label of the choice, or how it begins */
	async choose(name: string, label: string): Promise<void> {
		await this.field(name).click();
		await this.root.page().getByRole('option', { name: label }).first().click();
	}

	/** Of a folder: what the server's list has. The list is open then. */
	async listOf(name: string): Promise<Locator> {
		await this.field(name).getByTestId('rlc-input').click();
		const list = this.root.page().getByTestId('rlc-item');
		await list.first().waitFor();
		return list;
	}
}
