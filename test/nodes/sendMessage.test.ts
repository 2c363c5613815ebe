import { NodeHelpers, type INode } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PecSend } from '../../nodes/PecSend/PecSend.node.ts';
import { NOTICE_SUBJECT } from '../../nodes/pec/notice.ts';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { sha256 } from '../sha256.ts';
import {
	bytesIn,
	CLIENT,
	itemWith,
	latestIn,
	rawIn,
	readIn,
	runPecSend,
	STUDIO,
} from './pecSend.ts';

const PDF = Buffer.from('%PDF-1.7\n');
const SIZE_LIMIT = 200_000;

let sandbox: Sandbox;
let before: number;

beforeAll(async () => {
	sandbox = await start({ sizeLimit: SIZE_LIMIT });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => {
	before = sandbox.log.submissions().length;
});

const submissions = () => sandbox.log.submissions().slice(before);
const send = async (
	parameters: Readonly<Record<string, unknown>>,
	execution: Parameters<typeof runPecSend>[2] = {},
) => await runPecSend(sandbox, parameters, execution);
const withFile = { items: [itemWith({ atto: PDF })] };

describe('Message: Send', () => {
	it('puts out the exact bytes that the provider took, and nothing unless asked', async () => {
		const [output] = await send(
			{ attachments: 'atto', subject: 'Avviso 1/2026', options: { outputSentBytes: true } },
			withFile,
		);
		expect(output?.json).toMatchObject({
			action: 'sent',
			state: 'submitted',
			recipients: [CLIENT],
		});
		expect(sha256(bytesIn(output) ?? PDF)).toBe(submissions()[0]?.sha256);
		expect(output?.binary?.data).toMatchObject({
			fileName: 'Avviso 1 2026.eml',
			mimeType: 'message/rfc822',
		});
		const [other] = await send({});
		expect(other?.json).toMatchObject({ action: 'sent' });
		expect(other?.binary).toBeUndefined();
	});

	it.each([
		['complete', false],
		['brief', true],
		['concise', false],
	])(
		'asks for %s receipts; the bytes are put out by themselves: %s',
		async (receiptContent, kept) => {
			const [output] = await send({ options: { receiptContent } });
			const bytes = bytesIn(output);
			expect(bytes !== undefined).toBe(kept);
			if (bytes) expect(sha256(bytes)).toBe(submissions()[0]?.sha256);
			const { receipt } = await latestIn(sandbox, STUDIO, 'receipt');
			expect(receipt).toMatchObject({ type: 'delivery', content: receiptContent });
		},
	);

	it('has no bytes for a message that an earlier try sent', async () => {
		const options = { outputSentBytes: true };
		await send({ options }, { executionId: 'retried' });
		const [again] = await send({ options }, { executionId: 'retried' });
		expect(again?.json).toMatchObject({ action: 'alreadySent' });
		expect(again?.binary).toBeUndefined();
		expect(submissions()).toHaveLength(1);
	});

	it('puts the bytes out also when nobody knows whether the provider took them, and not when it did not', async () => {
		const options = { receiptContent: 'brief' };
		sandbox.faults.add({ at: 'smtp.accepted', action: { do: 'drop' } });
		const [unclear] = await send({ options });
		expect(unclear?.json).toMatchObject({ action: 'skipped', state: 'inDoubt' });
		expect(sha256(bytesIn(unclear) ?? PDF)).toBe(submissions()[0]?.sha256);
		sandbox.faults.add({
			at: 'smtp.command',
			command: 'DATA',
			action: { do: 'answer', reply: 550 },
		});
		const [rejected] = await send({ options });
		expect(rejected?.json).toMatchObject({ state: 'rejected' });
		expect(rejected?.binary).toBeUndefined();
	});

	it('sends nothing when the bytes that are its only proof cannot be kept', async () => {
		const options = { receiptContent: 'brief' };
		const [output] = await send({ options }, { storesNothing: true });
		expect(output?.json).toMatchObject({
			action: 'skipped',
			error: {
				message: expect.stringContaining('n8n could not keep the file of the message'),
			},
		});
		expect(submissions()).toEqual([]);
	});

	it('asks a server that refuses the password once, not for each message', async () => {
		const refusal = sandbox.faults.add({
			at: 'smtp.command',
			command: 'AUTH',
			times: 10,
			action: { do: 'answer', reply: 535, text: '5.7.8 no' },
		});
		const outputs = await send({}, { items: [itemWith(), itemWith()], continueOnFail: true });
		sandbox.faults.clear();
		expect(outputs.map(({ json }) => json.error)).toEqual([
			expect.stringContaining('password'),
			expect.stringContaining('password'),
		]);
		expect(refusal.fired).toBe(1);
	});

	it('keeps a full sent copy, to the byte', async () => {
		await send({ options: { sentCopy: 'full' } });
		expect(sha256(rawIn(sandbox, STUDIO, 'Inviata').at(-1) ?? PDF)).toBe(submissions()[0]?.sha256);
	});

	it('keeps a sent copy without attachments, which says what they were', async () => {
		const large = Buffer.alloc(50_000, 'x');
		const options = { sentCopy: 'withoutAttachments', html: '<p>Buongiorno</p>' };
		const items = [itemWith({ atto: PDF, planimetria: large })];
		const [output] = await send({ attachments: 'atto, planimetria', options }, { items });
		const copy = (await readIn(sandbox, STUDIO, 'Inviata')).at(-1);
		expect(copy?.envelope.messageId).toBe(output?.json.messageId);
		expect(copy?.original).toMatchObject({ text: 'Buongiorno', html: '<p>Buongiorno</p>' });
		expect(copy).toMatchObject({ partialCopy: true, kind: 'ordinary', consistent: true });
		expect(copy?.size).toBeLessThan(5_000);
		const files = copy?.original?.attachments ?? [];
		expect(files.map(({ fileName }) => fileName)).toEqual(['atto.pdf.txt', 'planimetria.pdf.txt']);
		expect(files[1]?.content.toString()).toContain(
			`File: planimetria.pdf\r\nSize (dimensione): 50000 bytes\r\nSHA-256: ${sha256(large)}`,
		);
		const { original } = await latestIn(sandbox, CLIENT, 'transportEnvelope');
		expect(original?.attachments.map((file) => file.sha256)).toEqual([sha256(PDF), sha256(large)]);
	});

	it('refuses what is larger than the provider takes, item by item, before it is handed over', async () => {
		const items = [itemWith({ atto: Buffer.alloc(SIZE_LIMIT) }), itemWith({ atto: PDF })];
		const outputs = await send({ attachments: 'atto' }, { items });
		expect(outputs.map(({ json }) => json)).toMatchObject([
			{
				action: 'skipped',
				error: {
					reason: 'notComposed',
					message: expect.stringContaining('larger than the provider accepts'),
				},
			},
			{ action: 'sent' },
		]);
		expect(submissions()).toHaveLength(1);
	});

	it.each([
		[{ to: `${CLIENT}, rossi` }, /^To: .*\[item 0\]$/],
		[{ options: { cc: 'Rossi <rossi@pec.example>' } }, /^Cc: .*\[item 0\]$/],
		[{ options: { replyTo: 'rossi@' } }, /^Reply To: .*\[item 0\]$/],
	])(
		'names the field of an address that is none, not the address: %j',
		async (parameters, message) => {
			const refused: unknown = await send(parameters).catch((error: unknown) => error);
			expect((refused as Error).message).toMatch(message);
			expect((refused as Error).message).not.toContain('rossi');
			expect(submissions()).toEqual([]);
		},
	);

	it('names a domain beyond ASCII as a mailing does', async () => {
		const [output] = await send({ to: 'a@città.it' });
		expect(output?.json).toMatchObject({ action: 'sent', recipients: ['a@xn--citt-3na.it'] });
	});

	it('fails when nobody can sign in to send, so that n8n tries again: nothing is wrong with the message', async () => {
		const { data } = pecCredential(sandbox, STUDIO, { smtpPort: 1 });
		const credential = data as NonNullable<Parameters<typeof send>[1]>['credential'];
		await expect(send({}, { credential, executionId: 'refused' })).rejects.toMatchObject({
			message: expect.stringContaining('SMTP'),
		});
		const [again] = await send({}, { executionId: 'refused' });
		expect(again?.json).toMatchObject({ action: 'sent' });
	});

	it('refuses a choice that an expression made up', async () => {
		await expect(send({ options: { receiptContent: 'breve' } })).rejects.toThrow(
			/Receipt Content .*\[item 0\]/,
		);
		await expect(send({ options: { sentCopy: 'si' } })).rejects.toThrow(/Sent Copy/);
		await expect(send({ purpose: 'notifica' })).rejects.toThrow(/Purpose/);
		expect(submissions()).toEqual([]);
	});

	it('offers neither copies nor another receipt for a notice, and forgets those chosen before', () => {
		const { description } = new PecSend();
		const filled = { resource: 'message', operation: 'send', to: CLIENT, purpose: 'noticeL53' };
		const options = { cc: STUDIO, receiptContent: 'brief', sentCopy: 'full' };
		const node = { typeVersion: 1 } as INode;
		const resolved = NodeHelpers.getNodeParameters(
			description.properties,
			{ ...filled, options },
			true,
			false,
			node,
			description,
		);
		expect(resolved?.options).toEqual({ sentCopy: 'full' });
	});
});

describe('Message: Send, by a Send Key', () => {
	const once = async (sendKey: string, to = CLIENT) => await send({ to, options: { sendKey } });

	it('sends once, whatever execution asks', async () => {
		const [first] = await once('fattura 12');
		const [second] = await once('fattura 12');
		expect(first?.json).toMatchObject({ action: 'sent', sendKey: 'fattura 12' });
		expect(second?.json).toMatchObject({ action: 'alreadySent', state: 'delivered' });
		expect(second?.json.messageId).toBe(first?.json.messageId);
		expect(submissions()).toHaveLength(1);
	});

	it('knows the same recipients in another order', async () => {
		await once('due', `${CLIENT}, cliente03@pec.beta.test`);
		const [second] = await once('due', `cliente03@pec.beta.test, ${CLIENT}`);
		expect(second?.json).toMatchObject({ action: 'alreadySent' });
		expect(submissions()).toHaveLength(1);
	});

	it('refuses to write to others under a key that was used', async () => {
		await once('usata', `${CLIENT}, cliente03@pec.beta.test`);
		await expect(once('usata')).rejects.toThrow(/Send Key was used .* nothing was sent/);
		expect(submissions()).toHaveLength(1);
	});

	it('refuses to write to others in Cc under a key that was used, instead of saying that they have it', async () => {
		const cc = 'cliente03@pec.beta.test';
		await send({ options: { sendKey: 'fattura-cc' } });
		const again = send({ options: { sendKey: 'fattura-cc', cc } });
		await expect(again).rejects.toThrow('other recipients');
		expect(submissions()).toHaveLength(1);
	});

	it('sends to nobody twice when two runs use it for different recipients at the same time', async () => {
		const other = 'cliente03@pec.beta.test';
		const options = { sendKey: 'fattura-insieme' };
		const runs = await Promise.allSettled([
			send({ to: CLIENT, options }),
			send({ to: `${CLIENT}, ${other}`, options }),
		]);
		expect(runs.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
		expect(submissions()).toHaveLength(1);
	});

	it('sends again without one: another execution is another message', async () => {
		await once('');
		await once('');
		expect(submissions()).toHaveLength(2);
	});
});

describe('Message: Send, a notice under L. 53/1994', () => {
	const NOTICE = {
		purpose: 'noticeL53',
		subject: '',
		addressSource: 'iniPec',
		addressDate: '2026-01-15T00:00:00.000+01:00',
	};

	it('goes out with the words of the law and the complete receipt, and says where the address was found', async () => {
		const [output] = await send(NOTICE);
		expect(output?.json).toMatchObject({
			action: 'sent',
			addressSource: { register: 'INI-PEC', date: '2026-01-15' },
		});
		const { original } = await latestIn(sandbox, CLIENT, 'transportEnvelope');
		expect(original?.subject).toBe(NOTICE_SUBJECT);
		const { receipt } = await latestIn(sandbox, STUDIO, 'receipt');
		expect(receipt).toMatchObject({ type: 'delivery', content: 'complete' });
	});

	it('names another register as it is written', async () => {
		const [output] = await send({ ...NOTICE, addressSource: 'other', otherRegister: ' ANPR ' });
		expect(output?.json.addressSource).toEqual({ register: 'ANPR', date: '2026-01-15' });
	});

	it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
		['two recipients', { to: `${CLIENT}, cliente03@pec.beta.test` }, /^To: .*\[item 0\]$/],
		['a copy', { options: { cc: 'cliente03@pec.beta.test' } }, /^Cc: .*\[item 0\]$/],
		[
			'a brief receipt',
			{ options: { receiptContent: 'brief' } },
			/^Receipt Content: .*\[item 0\]$/,
		],
		['another subject', { subject: 'Notifica' }, /^Subject: .*\[item 0\]$/],
		['no register', { addressSource: '' }, /^Address Source .*\[item 0\]$/],
		['a register that is none', { addressSource: 'INI-PEC' }, /^Address Source .*\[item 0\]$/],
		[
			'another register without a name',
			{ addressSource: 'other' },
			/^Other Register .*\[item 0\]$/,
		],
		['no date', { addressDate: '' }, /^Address Date .*\[item 0\]$/],
		['a date that is none', { addressDate: '31/03/2026' }, /^Address Date .*\[item 0\]$/],
		['a date to come', { addressDate: '2999-01-01' }, /^Address Date .*\[item 0\]$/],
	])('is refused with %s, before anything is sent', async (_, parameters, message) => {
		await expect(send({ ...NOTICE, ...parameters })).rejects.toThrow(message);
		expect(submissions()).toEqual([]);
	});
});
