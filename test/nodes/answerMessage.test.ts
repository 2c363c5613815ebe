import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { sha256 } from '../sha256.ts';
import { CLIENT, itemWith, keyOf, latestIn, rawIn, readIn, runPecSend, STUDIO } from './pecSend.ts';

let sandbox: Sandbox;
/** The client's message, as the studio has it. */
let received: Buffer;

beforeAll(async () => {
	sandbox = await start();
	await sandbox.sendAs(CLIENT, {
		to: [STUDIO],
		subject: 'Richiesta di accesso',
		text: 'Buongiorno,\nchiedo copia.',
		messageId: '<richiesta.1@pec.beta.test>',
	});
	await sandbox.settled();
	const [first] = rawIn(sandbox, STUDIO);
	if (!first) throw new Error('nothing arrived');
	received = first;
});
afterAll(async () => await sandbox.stop());

const run = async (
	operation: 'reply' | 'forward',
	parameters: Readonly<Record<string, unknown>>,
	execution: Parameters<typeof runPecSend>[2] = {},
) =>
	await runPecSend(
		sandbox,
		{ operation, pecKey: keyOf(received), subject: '', text: 'Ecco.', ...parameters },
		execution,
	);

describe('Message: Reply', () => {
	it('goes to the author, in the thread of the message that the provider delivered', async () => {
		const [output] = await run('reply', { to: 'nessuno@pec.beta.test' });
		expect(output?.json).toMatchObject({ action: 'sent', recipients: [CLIENT] });
		const [request] = await readIn(sandbox, STUDIO);
		const { original } = await latestIn(sandbox, CLIENT, 'transportEnvelope');
		expect(original).toMatchObject({
			subject: 'Re: Richiesta di accesso',
			text: expect.stringMatching(/^Ecco\.\n?$/),
			inReplyTo: request?.envelope.messageId,
			references: ['<richiesta.1@pec.beta.test>', request?.envelope.messageId],
		});
	});

	it('quotes when asked, and takes another subject, files and copies', async () => {
		const options = { quoteOriginal: true, cc: 'cliente03@pec.beta.test' };
		const [output] = await run(
			'reply',
			{ subject: 'Copia richiesta', attachments: 'atto', options },
			{ items: [itemWith({ atto: Buffer.from('%PDF') })] },
		);
		expect(output?.json.recipients).toEqual([CLIENT, 'cliente03@pec.beta.test']);
		const { original } = await latestIn(sandbox, CLIENT, 'transportEnvelope');
		expect(original).toMatchObject({ subject: 'Copia richiesta' });
		expect(original?.text).toMatch(
			/^Ecco\.\n\nIl \d\d\/\d\d\/\d{4} \d\d:\d\d, cliente02@pec\.beta\.test ha scritto:\n> Buongiorno,\n> chiedo copia\./,
		);
		expect(original?.attachments.map(({ fileName }) => fileName)).toEqual(['atto.pdf']);
	});

	it('is sent once by a run that is tried again', async () => {
		const before = sandbox.log.submissions().length;
		await run('reply', {}, { executionId: 'again' });
		const [again] = await run('reply', {}, { executionId: 'again' });
		expect(again?.json).toMatchObject({ action: 'alreadySent' });
		expect(sandbox.log.submissions()).toHaveLength(before + 1);
	});

	it('is refused to a receipt, and says why', async () => {
		await run('reply', {});
		const receipt = rawIn(sandbox, STUDIO).at(-1) ?? received;
		const before = sandbox.log.submissions().length;
		await expect(run('reply', { pecKey: keyOf(receipt) })).rejects.toThrow(
			/is a receipt, which nobody reads an answer to \[item 0\]/,
		);
		expect(sandbox.log.submissions()).toHaveLength(before);
	});

	it.each(['anomalyEnvelope', 'ordinary'] as const)(
		'to a message that did not come by PEC (%s) says that no delivery receipt may come',
		async (kind) => {
			const raw = Buffer.from(
				`From: mario@posta.test\r\nTo: ${STUDIO}\r\nSubject: Saluti\r\nMessage-ID: <1@posta.test>\r\n` +
					'Date: Sun, 01 Feb 2026 10:00:00 +0000\r\n\r\nCiao\r\n',
			);
			if (kind === 'ordinary') sandbox.deliverRaw(raw, STUDIO);
			else await sandbox.deliverOrdinary(raw, STUDIO);
			await sandbox.settled();
			const hints: unknown[] = [];
			expect(await latestIn(sandbox, STUDIO, kind)).toMatchObject({ kind });
			const pecKey = (await latestIn(sandbox, STUDIO, kind)).pecKey;
			const [output] = await run('reply', { pecKey }, { hints });
			expect(output?.json).toMatchObject({ action: 'sent', recipients: ['mario@posta.test'] });
			expect(JSON.stringify(hints)).toContain('did not come by PEC');
			expect(sandbox.outsideWorld.at(-1)?.recipient).toBe('mario@posta.test');
		},
	);

	it('says when the message is not in the mailbox any more', async () => {
		await expect(run('reply', { pecKey: `${'0'.repeat(64)}-100` })).rejects.toThrow(
			/not in the mailbox any more/,
		);
	});
});

describe('Message: Forward', () => {
	it('attaches the message to the byte, so that whoever gets it can verify it', async () => {
		const [output] = await run('forward', { to: 'cliente03@pec.beta.test' });
		expect(output?.json).toMatchObject({ action: 'sent', recipients: ['cliente03@pec.beta.test'] });
		const { original } = await latestIn(sandbox, 'cliente03@pec.beta.test', 'transportEnvelope');
		expect(original?.subject).toBe('Fwd: Richiesta di accesso');
		expect(original?.inReplyTo).toBeUndefined();
		expect(original?.attachments).toMatchObject([
			{
				fileName: 'POSTA CERTIFICATA Richiesta di accesso.eml',
				mimeType: 'message/rfc822',
				sha256: sha256(received),
			},
		]);
	});

	it('needs somebody to forward to', async () => {
		await expect(run('forward', { to: '' })).rejects.toThrow(/There is no recipient \[item 0\]/);
	});
});
