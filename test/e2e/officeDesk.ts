import { expect, onTestFinished } from 'vitest';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { SavedCredential } from '../../scripts/editor/restTypes.ts';
import { startOrdinaryMail, type OrdinaryMail } from '../servers/ordinaryMail.ts';
import { useEditor } from './harness.ts';

/** The shared n8n beside the mail server of an office. */
export interface OfficeDesk {
	readonly rest: EditorRest;
	readonly url: string;
	readonly mail: OrdinaryMail;
	/** Of `mail`, as examples name it. */
	readonly smtp: SavedCredential;
}

/** @param tables those that the flow of the test makes: what another test left in them is gone */
export async function openOfficeDesk(...tables: readonly string[]): Promise<OfficeDesk> {
	const { rest, url } = await useEditor();
	const mail = await startOrdinaryMail();
	onTestFinished(async () => await mail.stop());
	await removeTables(rest, tables);
	onTestFinished(async () => await removeTables(rest, tables));
	const smtp = await rest.createCredential(mail.credential('Office mailbox (SMTP)'));
	return { rest, url, mail, smtp };
}

interface DataTables {
	readonly data: ReadonlyArray<{ readonly id: string; readonly name: string }>;
}

async function removeTables(rest: EditorRest, names: readonly string[]): Promise<void> {
	const { id: project } = await rest.request<{ id: string }>('GET', '/projects/personal');
	const tables = `/projects/${project}/data-tables`;
	const { data } = await rest.request<DataTables>('GET', `${tables}?take=100`);
	for (const { id, name } of data) {
		if (names.includes(name)) await rest.request('DELETE', `${tables}/${id}`);
	}
}

/** Waits until there are so many, and gives the newest. */
export async function newest<T>(read: () => readonly T[], count: number): Promise<T> {
	await expect.poll(() => read().length, { timeout: 90_000, interval: 50 }).toBe(count);
	const last = read().at(-1);
	if (last === undefined) throw new Error('Nothing was to come');
	return last;
}
