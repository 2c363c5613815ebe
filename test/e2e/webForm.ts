import { expect } from 'vitest';

export type FormValue = string | File;

/**
 * What the page of an n8n form does when a person fills it in: fields by their place, no part for a file that was not chosen.
 * @returns what the page shows next: another form's address, or nothing
 */
export async function fillIn(
	url: string,
	values: readonly (FormValue | readonly File[])[],
): Promise<{ readonly next?: string }> {
	const data = new FormData();
	for (const [index, value] of values.entries()) {
		const parts = Array.isArray(value) ? (value as readonly File[]) : [value as FormValue];
		for (const part of parts) data.append(`field-${index}`, part);
	}
	const response = await fetch(url, { method: 'POST', body: data });
	const text = await response.text();
	expect(response.status, text).toBe(200);
	const { formWaitingUrl } = JSON.parse(text) as { formWaitingUrl?: string };
	return formWaitingUrl === undefined ? {} : { next: formWaitingUrl };
}

/** Waits as the page does until n8n has the next form, and gives what a person reads there. */
export async function readForm(url: string): Promise<string> {
	const status = new URL(url);
	status.pathname += '/n8n-execution-status';
	const said = async () => (await (await fetch(status)).text()).trim();
	// What ended comes to no form any more.
	await expect
		.poll(said, { timeout: 90_000, interval: 100 })
		.toMatch(/^(form-waiting|error|success)$/);
	expect(await said()).toBe('form-waiting');
	const page = await fetch(url);
	expect(page.status).toBe(200);
	return await page.text();
}
