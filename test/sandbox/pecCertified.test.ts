import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { daticertOf, elementOf } from './daticertShape.ts';
import { fieldOf, partsOf } from './mimeShape.ts';
import { CLIENTE, message, PecDesk, STUDIO } from './pecDesk.ts';

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open();
});

beforeEach(async () => await desk.startOver());

afterAll(async () => await desk.sandbox.stop());

/** Sends what has these fields; answers acceptance, envelope and delivery receipt. */
async function sent(
	headers: Readonly<Record<string, string>>,
	rcpt: readonly string[] = [CLIENTE],
): Promise<Buffer[]> {
	const raw = message({ From: STUDIO, To: CLIENTE, Subject: 'a', ...headers });
	await desk.send({ raw: Buffer.from(raw), envelope: { from: STUDIO, to: [...rcpt] } });
	return [...desk.inbox(STUDIO), ...desk.inbox(CLIENTE)];
}

// RFC 6109 2.2.1: if present, it is required as it was
describe('a Message-ID', () => {
	it.each([
		['without angle brackets', 'prova.1@pec.alfa.test'],
		['with a space inside', '<prova 1@pec.alfa.test>'],
		['with a comment behind it', '<prova.1@pec.alfa.test> (del programma)'],
		['that is no address', '<prova>'],
	])('%s is referred to as the client wrote it, in all that follows', async (_, id) => {
		const messages = await sent({ 'Message-ID': id });
		expect(messages).toHaveLength(3);
		for (const each of messages) {
			expect(fieldOf(partsOf(each).top, 'X-Riferimento-Message-ID')).toBe(id);
			expect(elementOf(each, 'msgid')).toBe(id.replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
		}
		expect(desk.ofType('submission')).toMatchObject([{ messageId: id }]);
		expect(desk.ofType('delivery').filter((each) => each.originalMessageId === id)).toHaveLength(4);
	});

	it.each(['', '<>'])('of nothing, %j, is none', async (id) => {
		for (const each of await sent({ 'Message-ID': id })) {
			expect(fieldOf(partsOf(each).top, 'X-Riferimento-Message-ID')).toBeUndefined();
			expect(daticertOf(each)).not.toContain('<msgid>');
		}
	});
});

function recipientsIn(raw: Buffer | undefined): string[] {
	const found = daticertOf(raw ?? Buffer.of()).matchAll(/<destinatari [^>]*>([^<]*)</g);
	return [...found].map(([, address = '']) => address);
}

// RFC 6109 2.1: the forward path is what is certified; To and Cc only tell primary recipients from others
describe('the recipients that are certified', () => {
	const OTHER = 'cliente02@pec.beta.test';

	it('are those of RCPT: who is named in To and was never asked for has not been sent anything', async () => {
		const messages = await sent({ To: `${OTHER}, ${CLIENTE}` });
		expect(messages).toHaveLength(3);
		for (const each of messages) expect(recipientsIn(each)).toEqual([CLIENTE]);
	});

	it('are as RCPT has them, in its order, with the receipt their field asks for', async () => {
		const rcpt = [OTHER, 'CLIENTE01@pec.beta.test', 'tizio@example.com'];
		const [acceptance] = await sent({ To: CLIENTE, Cc: `${OTHER}, tizio@example.com` }, rcpt);
		expect(recipientsIn(acceptance)).toEqual(rcpt);
		const receipts = desk.inbox(STUDIO).slice(1);
		expect(
			receipts.map((each) => [
				elementOf(each, 'consegna'),
				/<ricevuta tipo="(\w+)"/.exec(daticertOf(each))?.[1],
			]),
		).toEqual([
			[OTHER, 'sintetica'],
			['CLIENTE01@pec.beta.test', 'completa'],
		]);
	});

	it('are named once each by the webmail, however often they stand in To and Cc', async () => {
		const to = [CLIENTE, 'CLIENTE01@pec.beta.test'];
		await desk.sandbox.sendAs(STUDIO, { to, cc: [CLIENTE], subject: 'a', text: 'ciao' });
		await desk.sandbox.settled();
		expect(desk.ofType('submission')).toMatchObject([{ recipients: [CLIENTE] }]);
		expect(desk.inbox(CLIENTE)).toHaveLength(1);
	});

	it('of what is not accepted are those that were asked for', async () => {
		const [refusal] = await sent({ To: OTHER }, [CLIENTE, OTHER]);
		expect(desk.deliveries()).toEqual([`${STUDIO} non-accettazione`]);
		expect(recipientsIn(refusal)).toEqual([CLIENTE, OTHER]);
	});
});

// RFC 6109 4.4: the value of the field
it('all addresses of Reply-To are certified, and the field of the envelope is unaltered', async () => {
	const field = `"Ufficio" <ufficio@example.com>, ${CLIENTE}`;
	const messages = await sent({ 'Reply-To': field });
	for (const each of messages) {
		expect(elementOf(each, 'risposte')).toBe(`ufficio@example.com, ${CLIENTE}`);
	}
	expect(fieldOf(partsOf(messages[2] ?? Buffer.of()).top, 'Reply-To')).toBe(field);
});
