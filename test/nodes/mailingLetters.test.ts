import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Sandbox } from '../../sandbox/index.ts';
import { sha256 } from '../sha256.ts';
import { bytesIn, itemWith, latestIn, runPecSend } from './pecSend.ts';

const RECIPIENTS = [
	'cliente01@pec.beta.test',
	'cliente02@pec.beta.test',
	'cliente03@pec.beta.test',
];
const LETTER = Buffer.from('%PDF comune');
const bill = (at: number) => Buffer.from(`%PDF ${at}`);

let sandbox: Sandbox;

beforeAll(async () => {
	sandbox = await start();
});
afterAll(async () => await sandbox.stop());

describe('the letters of a mailing', () => {
	it('carry what all share, read once, and what is each one’s own; the bytes of each are put out', async () => {
		const reads: string[] = [];
		const items = RECIPIENTS.map((_, at) =>
			itemWith(at === 0 ? { lettera: LETTER, bolletta: bill(at) } : { bolletta: bill(at) }),
		);
		const outputs = await runPecSend(
			sandbox,
			{
				resource: 'mailing',
				mailingName: 'Bollette',
				recipient: RECIPIENTS,
				rowKey: '',
				sharedAttachments: 'lettera',
				personalAttachments: 'bolletta',
				options: { receiptContent: 'brief' },
			},
			{ items, reads },
		);
		expect(outputs.map(({ json }) => [json.recipient, json.action])).toEqual(
			RECIPIENTS.map((recipient) => [recipient, 'sent']),
		);
		expect(reads.sort()).toEqual(['0:bolletta', '0:lettera', '1:bolletta', '2:bolletta']);
		// They go over two connections: which arrives first is chance.
		expect(outputs.map((output) => sha256(bytesIn(output) ?? LETTER)).sort()).toEqual(
			sandbox.log
				.submissions()
				.map((submission) => submission.sha256)
				.sort(),
		);
		for (const [at, recipient] of RECIPIENTS.entries()) {
			const { original } = await latestIn(sandbox, recipient, 'transportEnvelope');
			expect(original?.attachments.map((file) => file.sha256)).toEqual([
				sha256(LETTER),
				sha256(bill(at)),
			]);
		}
	});
});
