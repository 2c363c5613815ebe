import { expect, it } from 'vitest';
import { forecastSpace } from '../../nodes/pec/preflight.ts';
import { OWN_MAILBOXES } from '../sandbox/pecMailboxes.ts';
import { SendingDesk, STUDIO } from './sendingDesk.ts';

const OWN = { name: 'own', missing: undefined, start: async () => OWN_MAILBOXES };

it.each([
	['short', 10],
	['long', 300_000],
])('a mailing of %s letters brings what was forecast, or somewhat less', async (_, length) => {
	const desk = await SendingDesk.open(OWN);
	const account = desk.sandbox.store.account(STUDIO);
	const used = () => account?.usedBytes ?? 0;
	const before = used();
	const text = 'Riga di testo.\r\n'.repeat(Math.ceil(length / 16));
	await desk.send('Invio', ['cliente01@pec.beta.test', 'cliente02@pec.beta.test'], text);
	const letters = desk.sandbox.log.submissions().map(({ size }) => ({
		messageSize: size,
		withoutFiles: size,
		recipients: 1,
		receiptContent: 'complete' as const,
		sentCopy: 'none' as const,
	}));
	const { bringsBytes } = forecastSpace(letters, undefined);
	expect(letters).toHaveLength(2);
	expect(used() - before).toBeLessThanOrEqual(bringsBytes);
	expect(used() - before).toBeGreaterThan(bringsBytes * 0.6);
});
