import { NodeHelpers } from 'n8n-workflow';
import type { IBinaryKeyData, IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PecMailbox } from '../../nodes/PecMailbox/PecMailbox.node.ts';
import { start } from '../../sandbox/index.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { SigningDesk } from '../pec/signedFiles.ts';
import { writeZip } from '../pec/zipWriter.ts';
import { executeFunctions } from './executeFunctions.ts';
import type { FakeExecution } from './executeFunctions.ts';
import { sha256 } from '../sha256.ts';

const STUDIO = 'studio@pec.alfa.test';
const CONTENT = Buffer.from('Il sottoscritto dichiara');
const PDF = Buffer.from('%PDF-1.7\n');

const desk = new SigningDesk();
let sandbox: Sandbox;
let signed: Buffer;
let envelope: Buffer;
let acceptance: Buffer;

beforeAll(async () => {
	signed = desk.sign(CONTENT, { signers: ['Mario Rossi'] });
	sandbox = await start();
	await sandbox.sendAs('cliente02@pec.beta.test', {
		to: [STUDIO],
		subject: 'Documenti',
		text: 'Buongiorno',
		attachments: [
			{ filename: 'dichiarazione.txt.p7m', content: signed },
			{ filename: 'elenco.csv', content: Buffer.from('a;b') },
		],
	});
	await sandbox.settled();
	envelope = received(STUDIO);
	acceptance = received('cliente02@pec.beta.test');
});

afterAll(async () => {
	desk.close();
	await sandbox.stop();
});

function received(address: string): Buffer {
	const [message] = sandbox.store.account(address)?.folder('INBOX')?.messages ?? [];
	if (!message) throw new Error('Nothing arrived');
	return message.raw;
}

function item(files: Readonly<Record<string, Buffer>>): INodeExecutionData {
	const binary: IBinaryKeyData = {};
	for (const [field, bytes] of Object.entries(files)) {
		binary[field] = {
			data: bytes.toString('base64'),
			mimeType: 'application/octet-stream',
			fileName: `${field}.bin`,
		};
	}
	return { json: {}, binary };
}

async function readFiles(
	items: readonly INodeExecutionData[],
	parameters: Readonly<Record<string, unknown>> = {},
	{ onBinary, ...extra }: Partial<FakeExecution> & { onBinary?: () => void } = {},
): Promise<INodeExecutionData[]> {
	const functions = executeFunctions({
		credential: { pecCa: sandbox.pecCa },
		parameters: {
			resource: 'message',
			operation: 'readFile',
			binaryField: 'data',
			signers: 'credential',
			include: '',
			...parameters,
		},
		items,
		...extra,
	});
	functions.helpers = {
		getBinaryDataBuffer: async (index: number, field: string) =>
			Buffer.from(items[index]?.binary?.[field]?.data ?? '', 'base64'),
		prepareBinaryData: async (content: Buffer, fileName: string, mimeType: string) => {
			onBinary?.();
			return { data: content.toString('base64'), fileName, mimeType };
		},
	} as unknown as typeof functions.helpers;
	const [output] = await new PecMailbox().execute.call(functions);
	return output ?? [];
}

describe('Message: Read File', () => {
	it('verifies a message, by a credential without any account, and invents no time of arrival', async () => {
		const [output] = await readFiles([item({ data: envelope })]);
		expect(output?.json).toMatchObject({
			kind: 'transportEnvelope',
			consistent: true,
			verified: true,
			original: { subject: 'Documenti' },
			file: { name: 'data.bin', size: envelope.length, sha256: sha256(envelope) },
		});
		expect(output?.json).not.toHaveProperty('mailbox');
		expect(JSON.stringify(output?.json)).not.toContain('receivedAt');
		expect(output?.pairedItem).toEqual({ item: 0 });
		expect(output?.binary).toBeUndefined();
	});

	it('asks for no credential when PEC providers alone are trusted', async () => {
		const [output] = await readFiles(
			[item({ data: envelope })],
			{ signers: 'pecProviders' },
			{ credential: undefined },
		);
		expect(output?.json).toMatchObject({
			consistent: true,
			verified: false,
			signature: { integrity: 'intact', signer: 'untrusted' },
		});
	});

	it('finds out a message that was altered', async () => {
		const altered = Buffer.from(envelope);
		altered[envelope.indexOf('Documenti', envelope.indexOf('\r\n\r\n'))]! ^= 1;
		const [output] = await readFiles([item({ data: altered })]);
		expect(output?.json).toMatchObject({
			verified: false,
			signature: { integrity: 'altered' },
			findings: expect.arrayContaining([expect.objectContaining({ code: 'signatureAltered' })]),
		});
	});

	it('gives the files that are asked for, also what lies inside a signed attachment', async () => {
		const [output] = await readFiles([item({ data: envelope })], {
			include: [['attachments', 'signedContents', 'message']],
		});
		const attachments = (output?.json.original as IDataObject).attachments;
		expect(attachments).toMatchObject([
			{
				fileName: 'dichiarazione.txt.p7m',
				binaryField: 'attachment_0',
				signedContent: {
					fileName: 'dichiarazione.txt',
					size: CONTENT.length,
					sha256: sha256(CONTENT),
					signedBy: ['Mario Rossi'],
					signatureVerified: false,
					binaryField: 'attachment_0_content',
				},
			},
			{ fileName: 'elenco.csv', binaryField: 'attachment_1' },
		]);
		expect(attachments).not.toHaveProperty('1.signedContent');
		const files = Object.entries(output?.binary ?? {}).map(([field, { data, fileName }]) => [
			field,
			fileName,
			sha256(Buffer.from(data, 'base64')),
		]);
		expect(files).toEqual([
			['data', expect.stringMatching(/\.eml$/), sha256(envelope)],
			['attachment_0', 'dichiarazione.txt.p7m', sha256(signed)],
			['attachment_0_content', 'dichiarazione.txt', sha256(CONTENT)],
			['attachment_1', 'elenco.csv', sha256(Buffer.from('a;b'))],
		]);
	});

	it('reads every message of a ZIP, and says of the rest what it is, without failing', async () => {
		const zip = writeZip([
			{ name: 'ricevute/accettazione.eml', content: acceptance },
			{ name: 'allegato.pdf', content: PDF },
			{ name: 'indice.csv', content: 'numero;oggetto\r\n1;Documenti\r\n' },
			{ name: 'busta.eml', content: envelope },
			{ name: 'rotto.eml', content: Buffer.from([0, 1, 2]) },
		]);
		const hints: unknown[] = [];
		const output = await readFiles([item({ data: zip }), item({ data: envelope })], {}, { hints });
		expect(output.map(({ json }) => json)).toMatchObject([
			{
				kind: 'receipt',
				verified: true,
				file: {
					name: 'accettazione.eml',
					archive: 'data.bin',
					path: 'ricevute/accettazione.eml',
					entry: 1,
				},
			},
			{
				error: expect.stringContaining('PDF'),
				message: expect.stringContaining('.eml'),
				details: { reason: 'pdf', file: { path: 'allegato.pdf', entry: 2 } },
			},
			{ details: { reason: 'text', file: { path: 'indice.csv' } } },
			{ kind: 'transportEnvelope', verified: true, file: { path: 'busta.eml' } },
			{ kind: 'unreadable', file: { path: 'rotto.eml', size: 3 } },
			{ kind: 'transportEnvelope' },
		]);
		expect(output.map(({ pairedItem }) => (pairedItem as { item: number }).item)).toEqual([
			0, 0, 0, 0, 0, 1,
		]);
		expect(hints).toMatchObject([{ message: expect.stringMatching(/^2 files/) }]);
	});

	// They have lines such as a header has: each was put out as an ordinary message.
	it('takes the lists of a package for what they are, and a note that somebody mailed for mail', async () => {
		const zip = writeZip([
			{
				name: 'bagit.txt',
				content: Buffer.from('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'),
			},
			{
				name: 'bag-info.txt',
				content: Buffer.from('Source-Organization: Studio\nPayload-Oxum: 1.1\n'),
			},
			{
				name: 'nota.txt',
				content: Buffer.from('From: a@x.test\r\nSubject: nota\r\n\r\nTesto\r\n'),
			},
		]);
		const output = await readFiles([item({ data: zip })], {}, { continueOnFail: true });
		expect(output.map(({ json }) => json)).toMatchObject([
			{ details: { reason: 'text', file: { path: 'bagit.txt' } } },
			{ details: { reason: 'text', file: { path: 'bag-info.txt' } } },
			{ kind: 'ordinary', file: { path: 'nota.txt' } },
		]);
	});

	// n8n sends to the error output what has these keys and no other, and leaves nothing but the message of item.error.
	it('keeps what it says of an entry whole also for the error output', async () => {
		const zip = writeZip([{ name: 'allegato.pdf', content: PDF }]);
		const [output] = await readFiles([item({ data: zip })], {}, { continueOnFail: true });
		expect(Object.keys(output?.json ?? {}).sort()).toEqual(['details', 'error', 'message']);
		expect(output).not.toHaveProperty('error');
	});

	it.each([
		['a PDF', PDF, /"data" is a PDF document.*\[item 0\]/],
		['an Outlook message', outlook(), /"data" is an Outlook message/],
		['a cut ZIP', Buffer.from('PK\x03\x04', 'latin1'), /"data" is damaged or cut off/],
	])('fails the item of %s, with what it is and what to do', async (_, bytes, text) => {
		const failure = readFiles([item({ data: bytes })]);
		await expect(failure).rejects.toThrow(text);
		await expect(failure).rejects.toHaveProperty('description', expect.stringMatching(/\w/));
	});

	it('reads the other items, and the other files, of a node that continues on failure', async () => {
		const output = await readFiles(
			[item({ a: PDF, b: envelope }), item({ b: envelope })],
			{ binaryField: 'a, b' },
			{ continueOnFail: true },
		);
		expect(output.map(({ json, pairedItem }) => [json.kind, pairedItem])).toEqual([
			[undefined, { item: 0 }],
			['transportEnvelope', { item: 0 }],
			[undefined, { item: 1 }],
			['transportEnvelope', { item: 1 }],
		]);
		expect(output[0]?.json).toMatchObject({ details: { reason: 'pdf' } });
		expect(output[2]?.json.error).toMatch(/no binary field "a"/);
	});

	it('reads all fields whose names begin alike', async () => {
		const files = { attachment_0: envelope, attachment_1: acceptance, other: PDF };
		const output = await readFiles([item(files)], { binaryField: 'attachment_*' });
		expect(output.map(({ json }) => json.kind)).toEqual(['transportEnvelope', 'receipt']);
	});

	it.each([
		['', /Input Binary Field is empty/],
		['nome', /There is no binary field "nome"/],
		['nome_*', /There is no binary field "nome_\*"/],
	])('says what is wrong with the field name %j', async (binaryField, text) => {
		await expect(readFiles([item({ data: envelope })], { binaryField })).rejects.toThrow(text);
	});

	it('puts a message out before the next one is read, and stops when the execution is cancelled', async () => {
		const zip = writeZip(['a.eml', 'b.eml'].map((name) => ({ name, content: acceptance })));
		const cancel = new AbortController();
		let putOut = 0;
		const onBinary = () => {
			putOut += 1;
			cancel.abort();
		};
		const failure = readFiles(
			[item({ data: zip })],
			{ include: [['message']] },
			{ signal: cancel.signal, onBinary, continueOnFail: true },
		);
		await expect(failure).rejects.toThrow(/abort/i);
		expect(putOut).toBe(1);
	});
});

describe('the credential of PEC Mailbox', () => {
	const { description } = new PecMailbox();
	const [credential] = description.credentials ?? [];

	/** As n8n decides it, in the editor and before a run: on the parameters with their defaults. */
	function isAskedFor(parameters: Readonly<Record<string, string>>): boolean {
		const node = { typeVersion: 1 } as INode;
		const resolved = NodeHelpers.getNodeParameters(
			description.properties,
			parameters,
			true,
			false,
			node,
			description,
		);
		return NodeHelpers.displayParameter(resolved ?? {}, credential!, node, description);
	}

	it.each([
		[{ resource: 'message', operation: 'readFile' }, false],
		[{ resource: 'message', operation: 'readFile', signers: 'credential' }, true],
		[{ resource: 'message', operation: 'get' }, true],
		[{ resource: 'cleanUp', operation: 'delete' }, true],
		// Left over from another operation.
		[{ resource: 'message', operation: 'get', signers: 'pecProviders' }, true],
		[{}, true],
	])('for %j: %j', (parameters, expected) => {
		expect(isAskedFor(parameters)).toBe(expected);
	});

	it('is required wherever it is asked for, and named once: n8n looks at the first of a name only', () => {
		const names = description.credentials?.map(({ name }) => name) ?? [];
		expect(new Set(names).size).toBe(names.length);
		expect(credential?.name).toBe('pecApi');
		expect(credential?.required).toBe(true);
	});
});

function outlook(): Buffer {
	return Buffer.concat([
		Buffer.from('d0cf11e0a1b11ae1', 'hex'),
		Buffer.from('__nameid_version1.0', 'utf16le'),
	]);
}
