import { afterEach, describe, expect, it } from 'vitest';

import type { Dialects } from '../../sandbox/index.ts';
import { CLIENTE, PecDesk, SERVICE, STUDIO } from './pecDesk.ts';

const FOLDER = 'INBOX/Ricevute';

let desk: PecDesk;

afterEach(async () => await desk.sandbox.stop());

/** Mailbox, folder and what came, after STUDIO sent to CLIENTE. */
async function delivered(dialects: Dialects, before = (): void => undefined): Promise<string[]> {
	desk = await PecDesk.open({ dialects });
	before();
	await desk.sandbox.sendAs(STUDIO, { to: CLIENTE, subject: 'Prova', text: 'ciao' });
	await desk.sandbox.settled();
	return desk
		.ofType('delivery')
		.map(({ mailbox, folder, kind, wireType }) => `${mailbox} ${folder} ${wireType ?? kind}`);
}

function stored(address: string, path: string): Buffer[] {
	const messages = desk.sandbox.store.account(address)?.folder(path)?.messages ?? [];
	return messages.map(({ raw }) => raw);
}

describe('duplicated receipts', () => {
	it('come twice to the user, and nothing else does', async () => {
		expect(await delivered({ duplicateReceipts: true })).toEqual([
			`${STUDIO} INBOX accettazione`,
			`${STUDIO} INBOX accettazione`,
			`${SERVICE} INBOX presa-in-carico`,
			`${CLIENTE} INBOX transportEnvelope`,
			`${STUDIO} INBOX avvenuta-consegna`,
			`${STUDIO} INBOX avvenuta-consegna`,
		]);
	});

	it('are one message delivered again: only the trace fields differ', async () => {
		await delivered({ duplicateReceipts: true });
		const [first, second] = stored(STUDIO, 'INBOX').map((raw) => raw.toString('latin1'));
		const message = (raw = ''): string => raw.slice(raw.indexOf('Subject:'));
		expect(message(first)).toContain('X-Ricevuta: accettazione');
		expect(message(second)).toBe(message(first));
		expect(second).not.toBe(first);
	});
});

describe('sorted receipts', () => {
	it('are in their folder; envelopes stay in INBOX', async () => {
		expect(await delivered({ receiptsFolder: FOLDER })).toEqual([
			`${STUDIO} ${FOLDER} accettazione`,
			`${SERVICE} INBOX presa-in-carico`,
			`${CLIENTE} INBOX transportEnvelope`,
			`${STUDIO} ${FOLDER} avvenuta-consegna`,
		]);
		expect(stored(STUDIO, FOLDER)).toHaveLength(2);
		expect(stored(STUDIO, 'INBOX')).toHaveLength(0);
		expect(stored(CLIENTE, 'INBOX')).toHaveLength(1);
	});

	it('have a folder in every account before the first one comes', async () => {
		desk = await PecDesk.open({ dialects: { receiptsFolder: FOLDER } });
		for (const account of desk.sandbox.store.accounts()) {
			expect(account.folder(FOLDER)).toBeDefined();
		}
	});

	it('go to a folder that accounts have anyway', async () => {
		const lines = await delivered({ receiptsFolder: 'Archivio' });
		expect(lines[0]).toBe(`${STUDIO} Archivio accettazione`);
	});

	it('go to INBOX when the user deleted their folder', async () => {
		const lines = await delivered({ receiptsFolder: FOLDER }, () =>
			desk.sandbox.store.account(STUDIO)?.deleteFolder(FOLDER),
		);
		expect(lines[0]).toBe(`${STUDIO} INBOX accettazione`);
	});

	it('may be duplicated as well', async () => {
		await delivered({ receiptsFolder: FOLDER, duplicateReceipts: true });
		expect(stored(STUDIO, FOLDER)).toHaveLength(4);
	});
});
