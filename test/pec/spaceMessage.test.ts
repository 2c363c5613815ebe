import { expect, it } from 'vitest';
import { readPecHeaders } from '../../nodes/pec/message.ts';
import { spaceMessageOf } from '../../nodes/pec/spaceMessage.ts';
import { collectGarbage } from '../garbage.ts';

const KB = 1024;
/** Below what is read as one text. */
const HEADER_BYTES = 50 * KB;

async function heapUsed(): Promise<number> {
	await collectGarbage();
	return process.memoryUsage().heapUsed;
}

it('kept the whole header in memory by the texts cut out of it', async () => {
	const messageOf = (index: number) => {
		const id = `receipt-number-${index}@pec.alfa.test`;
		const fields = [
			'X-Ricevuta: accettazione',
			`From: posta-certificata-${index}@pec.alfa.test`,
			`Message-ID: <${id}>`,
			`X-Riferimento-Message-ID: <about-${id}>`,
			`X-Other: ${'a'.repeat(HEADER_BYTES)}`,
		];
		const headers = readPecHeaders(Buffer.from(`${fields.join('\r\n')}\r\n\r\n`));
		const [pecKey, receivedAt] = [`pec1:${index}`, '2026-01-31T23:30:12.000Z'];
		const place = { folder: 'INBOX', uid: index, uidValidity: '1', size: 7_000, flags: [] };
		return spaceMessageOf({ pecKey, receivedAt, ...place }, headers, 'studio@pec.alfa.test');
	};
	const messages = Array.from({ length: 10 }, (_, index) => messageOf(index));
	const before = await heapUsed();
	for (let index = 0; index < 500; index += 1) messages.push(messageOf(index));
	const each = ((await heapUsed()) - before) / 500;
	expect(messages.at(-1)).toMatchObject({
		headers: {
			receipt: { originalMessageId: '<about-receipt-number-499@pec.alfa.test>' },
			envelope: { messageId: '<receipt-number-499@pec.alfa.test>' },
		},
	});
	expect(each).toBeLessThan(5 * KB);
});
