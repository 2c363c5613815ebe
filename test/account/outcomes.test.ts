import { expect, it, onTestFinished } from 'vitest';
import { receiptsOfMailing } from '../../nodes/account/evidence.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { messageIdOf } from '../../nodes/pec/batch.ts';
import { outcomeOf } from '../../nodes/pec/outcome.ts';
import { EICAR, start, type SandboxOptions } from '../../sandbox/index.ts';

const account = 'studio@pec.alfa.test';
const mailing = 'Esiti';
const HOUR = 3_600_000;

/** One message of a mailing, and what the mailbox's receipts say of it. */
async function send(recipient: string, options: SandboxOptions & { infected?: boolean } = {}) {
	const sandbox = await start(options);
	onTestFinished(async () => await sandbox.stop());
	const row = { recipient, rowKey: '', attempt: 1 };
	const messageId = messageIdOf({ account, mailing, row });
	sandbox.holdDeliveries();
	await sandbox.sendAs(account, {
		to: [recipient],
		subject: 'Oggetto',
		text: options.infected ? EICAR : 'Testo',
		messageId,
	});
	await sandbox.settled();
	const known = async () => {
		const imap = await openImap({
			address: account,
			user: account,
			password: 'prova-alfa',
			imap: sandbox.imap,
			smtp: sandbox.smtp,
			tlsCa: sandbox.tlsCa,
		});
		const receipts = await receiptsOfMailing(imap, { account, mailing });
		await imap.close();
		return outcomeOf({ row, mailing, messageId, receipts, now: new Date() });
	};
	return { sandbox, known };
}

it('follows a recipient through both notices to a delivery that comes all the same', async () => {
	const { sandbox, known } = await send('cliente01@pec.beta.test');
	expect(await known()).toMatchObject({ state: 'accepted', final: false });
	await sandbox.advance(12 * HOUR);
	expect(await known()).toMatchObject({
		state: 'delayed',
		final: false,
		error: { reason: 'timeout12h' },
	});
	await sandbox.advance(12 * HOUR);
	expect(await known()).toMatchObject({
		state: 'notDelivered',
		final: true,
		error: { reason: 'timeout24h' },
	});
	await sandbox.advance(HOUR);
	await sandbox.releaseDeliveries();
	const outcome = await known();
	expect(outcome).toMatchObject({ state: 'delivered', final: true });
	expect(outcome.error).toBeUndefined();
	expect(outcome.receipts.map(({ type }) => type)).toEqual([
		'acceptance',
		'deliveryDelay',
		'deliveryDelay',
		'delivery',
	]);
});

it.each([
	['at the sender’s provider', { alfa: true }],
	['at the recipient’s provider', { alfa: false }],
])('knows a message that a virus stopped %s', async (_, virusScan) => {
	const { sandbox, known } = await send('cliente01@pec.beta.test', { infected: true, virusScan });
	await sandbox.releaseDeliveries();
	expect(await known()).toMatchObject({
		state: 'infected',
		final: true,
		error: { reason: 'virus', retry: 'never' },
	});
});

it('counts receipts once that come twice, and finds them in a folder of their own', async () => {
	const { sandbox, known } = await send('cliente01@pec.beta.test', {
		dialects: { duplicateReceipts: true, receiptsFolder: 'Ricevute' },
	});
	await sandbox.releaseDeliveries();
	const outcome = await known();
	expect(outcome).toMatchObject({ state: 'delivered' });
	expect(outcome.receipts.map(({ type, folder }) => [type, folder])).toEqual([
		['acceptance', 'Ricevute'],
		['delivery', 'Ricevute'],
	]);
});

it('tells a disabled mailbox from an unknown one', async () => {
	const { sandbox, known } = await send('sospeso@pec.beta.test');
	await sandbox.releaseDeliveries();
	expect(await known()).toMatchObject({
		state: 'notDelivered',
		error: { reason: 'mailboxDisabled' },
	});
});
