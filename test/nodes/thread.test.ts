import { describe, expect, it } from 'vitest';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { unzip } from '../pec/bagChecker.ts';
import { runPecSend } from './pecSend.ts';
import { MailboxDesk, ONE, STUDIO, TWO } from './mailboxDesk.ts';
import { sha256 } from '../sha256.ts';

const keyOf = (raw: Buffer | undefined) => pecKeyOf(raw ?? Buffer.alloc(0), raw?.length ?? 0);

interface Part {
	readonly role: string;
	readonly recipient?: string;
	readonly mailbox?: { folder: string };
	readonly copy?: { location: string };
}

interface Shown {
	readonly thread: {
		state: string;
		complete: boolean;
		missing: object[];
		parts: Part[];
		direction: string;
	};
}

async function send(desk: MailboxDesk, to: string[], subject = 'Avviso'): Promise<string> {
	const attachments = [{ filename: '../CON.pdf', content: Buffer.from('contenuto') }];
	const sent = await desk.sandbox.sendAs(STUDIO, { to, subject, text: 'Buongiorno', attachments });
	await desk.sandbox.settled();
	return sent.messageId ?? '';
}

const shown = (run: { outputs: ReadonlyArray<{ json: unknown }> }) =>
	run.outputs.map(({ json }) => (json as Shown).thread);

describe('Sending and Receipts: Get', () => {
	it('gives a sending with its receipts, by its Message-ID or by the key of any of them', async () => {
		const desk = await MailboxDesk.open();
		const messageId = await send(desk, [ONE]);
		await send(desk, [TWO], 'Altro');
		const expected = [
			{
				direction: 'sent',
				state: 'complete',
				complete: true,
				missing: [],
				parts: [
					{ role: 'acceptance', mailbox: { folder: 'INBOX' } },
					{ role: 'delivery', recipient: ONE, mailbox: { folder: 'INBOX' } },
				],
			},
		];
		const byId = await desk.run('thread:get', { findBy: 'messageId', messageId });
		expect(shown(byId)).toMatchObject(expected);
		const [acceptance, delivery] = desk.raws();
		for (const raw of [acceptance, delivery]) {
			const byKey = await desk.run('thread:get', { findBy: 'pecKey', pecKey: keyOf(raw) });
			expect(shown(byKey)).toMatchObject(expected);
		}
	});

	it('says under which Send Key a single message was sent', async () => {
		const desk = await MailboxDesk.open();
		const sendKey = '<bozza@studio.test>';
		const [sent] = await runPecSend(desk.sandbox, { to: ONE, options: { sendKey } });
		await desk.sandbox.settled();
		const { messageId } = sent?.json ?? {};
		const got = await desk.run('thread:get', { findBy: 'messageId', messageId });
		expect(shown(got)).toMatchObject([{ direction: 'sent', sendKey }]);
	});

	it('says what is missing while deliveries are under way, of each recipient', async () => {
		const desk = await MailboxDesk.open();
		desk.sandbox.holdDeliveries();
		const messageId = await send(desk, [ONE, TWO]);
		const pending = shown(await desk.run('thread:get', { findBy: 'messageId', messageId }));
		expect(pending).toMatchObject([
			{
				state: 'pending',
				complete: false,
				missing: [
					{ part: 'outcome', recipient: ONE },
					{ part: 'outcome', recipient: TWO },
				],
			},
		]);
		await desk.sandbox.releaseDeliveries();
		const done = shown(await desk.run('thread:get', { findBy: 'messageId', messageId }));
		expect(done).toMatchObject([{ state: 'complete', complete: true, missing: [] }]);
	});

	it('counts a failure for good as an end: nothing more will come', async () => {
		const desk = await MailboxDesk.open();
		const messageId = await send(desk, ['nessuno@pec.beta.test']);
		const [failed] = shown(await desk.run('thread:get', { findBy: 'messageId', messageId }));
		expect(failed).toMatchObject({ state: 'failed', complete: true, missing: [] });
		expect(failed?.parts.map(({ role }) => role)).toEqual(['acceptance', 'nonDelivery']);
	});

	it('gives a received message by itself', async () => {
		const desk = await MailboxDesk.open();
		await desk.sandbox.sendAs(ONE, { to: [STUDIO], subject: 'Per voi', text: '' });
		await desk.sandbox.settled();
		const pecKey = keyOf(desk.raws()[0]);
		expect(shown(await desk.run('thread:get', { findBy: 'pecKey', pecKey }))).toMatchObject([
			{ direction: 'received', complete: true, parts: [{ role: 'received' }] },
		]);
	});

	it('still knows a sending whose receipts left the mailbox, and where their copies are', async () => {
		const desk = await MailboxDesk.open();
		const messageId = await send(desk, [ONE]);
		await desk.run(
			'preservation:checkCopy',
			{ binaryField: 'data', location: ['sftp://a/1.eml', 'sftp://a/2.eml'] },
			{
				items: desk.raws().map((raw) => ({
					json: {},
					binary: { data: { data: raw.toString('base64'), mimeType: 'message/rfc822' } },
				})),
			},
		);
		await desk.run('cleanUp:delete', { folders: '', olderThanDays: 0, keepUnread: false });
		expect(desk.raws()).toEqual([]);
		const [thread] = shown(await desk.run('thread:get', { findBy: 'messageId', messageId }));
		expect(thread).toMatchObject({
			state: 'complete',
			complete: true,
			parts: [
				{ role: 'acceptance', copy: { location: 'sftp://a/1.eml', level: 'checked' } },
				{ role: 'delivery', content: 'complete', copy: { location: 'sftp://a/2.eml' } },
			],
		});
		expect(thread?.parts.map(({ mailbox }) => mailbox)).toEqual([undefined, undefined]);
		const packed = await desk.run('preservation:buildPackage', {
			threadsFrom: 'period',
			ownerName: 'Studio',
			outputField: 'data',
		});
		expect(packed.outputs[0]?.json).toMatchObject({
			package: {
				parts: 0,
				leftOut: [{ because: 'empty', locations: ['sftp://a/1.eml', 'sftp://a/2.eml'] }],
			},
		});
		const file = await desk.run('thread:buildFile', {
			findBy: 'messageId',
			messageId,
			outputField: 'data',
		});
		expect(file.outputs[0]?.json).toMatchObject({ evidenceFile: { complete: false } });
		const files = await unzip(file.outputs[0]?.files.get('data')?.bytes ?? Buffer.alloc(0));
		expect([...files.values()].join()).toContain('sftp://a/2.eml');
	});

	it('says that nothing is known', async () => {
		const desk = await MailboxDesk.open();
		const run = desk.run('thread:get', { findBy: 'messageId', messageId: '<mai@visto.test>' });
		await expect(run).rejects.toThrow(/Neither the mailbox nor the records/);
	});
});

describe('Sending and Receipts: Build File', () => {
	it('has a folder for each recipient: originals, attachments, hashes, and a page', async () => {
		const desk = await MailboxDesk.open();
		const messageId = await send(desk, [ONE, TWO], 'Diffida <b>&');
		const run = await desk.run('thread:buildFile', {
			findBy: 'messageId',
			messageId,
			outputField: 'data',
		});
		expect(run.outputs).toHaveLength(1);
		const [output] = run.outputs;
		const zip = output?.files.get('data');
		const files = await unzip(zip?.bytes ?? Buffer.alloc(0));
		const about = output?.json.evidenceFile as {
			complete: boolean;
			file: { sha256: string; fileName: string };
			folders: Array<{ folder: string; recipient: string; complete: boolean }>;
			files: Array<{ path: string; sha256: string; role?: string; verified?: boolean }>;
		};
		expect(about.file.sha256).toBe(sha256(zip?.bytes ?? Buffer.alloc(0)));
		expect(about).toMatchObject({
			complete: true,
			folders: [{ recipient: ONE }, { recipient: TWO }],
		});
		for (const { path, sha256: hash } of about.files) {
			expect(sha256(files.get(path) ?? Buffer.alloc(0))).toBe(hash);
		}
		for (const address of [ONE, TWO]) {
			const inFolder = about.files.filter(({ path }) => path.startsWith(`${address}/`));
			expect(inFolder.map(({ role }) => role)).toEqual(['acceptance', 'delivery', undefined]);
			expect(inFolder.slice(0, 2).map(({ verified }) => verified)).toEqual([true, true]);
			expect(files.get(`${address}/allegati/_CON.pdf`)?.toString()).toBe('contenuto');
			const hashes = files.get(`${address}/impronte-sha256.txt`)?.toString() ?? '';
			for (const one of inFolder) expect(hashes).toContain(one.sha256);
			const page = files.get(`${address}/riepilogo.html`)?.toString() ?? '';
			expect(page).toContain('<html lang="it">');
			expect(page).toContain('Ricevuta di avvenuta consegna');
			expect(page).toContain('Diffida &lt;b&gt;&amp;');
			expect(page).not.toMatch(/<script|src=|a norma/i);
			expect(page).not.toContain(address === ONE ? TWO : ONE);
		}
		const originals = desk.raws().map(sha256);
		expect(new Set(about.files.flatMap(({ role, sha256: hash }) => (role ? [hash] : [])))).toEqual(
			new Set(originals),
		);
	});

	it('says on its page what is missing, in English when asked to', async () => {
		const desk = await MailboxDesk.open();
		desk.sandbox.holdDeliveries();
		const messageId = await send(desk, [ONE]);
		const { outputs } = await desk.run('thread:buildFile', {
			findBy: 'messageId',
			messageId,
			outputField: 'data',
			options: { language: 'en' },
		});
		expect(outputs[0]?.json).toMatchObject({ evidenceFile: { complete: false } });
		const files = await unzip(outputs[0]?.files.get('data')?.bytes ?? Buffer.alloc(0));
		const page = files.get(`${ONE}/riepilogo.html`)?.toString() ?? '';
		expect(page).toContain('Missing: the outcome of the delivery');
	});
});
