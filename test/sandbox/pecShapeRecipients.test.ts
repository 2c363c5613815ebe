import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { elementOf, daticertOf } from './daticertShape.ts';
import { partsOf } from './mimeShape.ts';
import { message, PecDesk, STUDIO } from './pecDesk.ts';

const BETA = 'cliente01@pec.beta.test';
const ALFA = 'alfa2@pec.alfa.test';
const OTHER = 'cliente02@pec.beta.test';

let desk: PecDesk;

beforeAll(async () => {
	desk = await PecDesk.open();
});

beforeEach(() => desk.startOver());

afterAll(async () => await desk.sandbox.stop());

/** Sends to `rcpt`; answers the type of delivery receipt and what it holds, by recipient. */
async function receipts(
	headers: Readonly<Record<string, string>>,
	rcpt: readonly string[],
): Promise<Record<string, string>> {
	const raw = message({
		From: STUDIO,
		Subject: 'a',
		'Content-Type': 'application/pdf; name=a.pdf',
		...headers,
	});
	await desk.send({ raw: Buffer.from(raw), envelope: { from: STUDIO, to: [...rcpt] } });
	return Object.fromEntries(
		desk
			.inbox(STUDIO)
			.slice(1)
			.map((receipt) => {
				const { original } = partsOf(receipt);
				const [, type = ''] = /<ricevuta tipo="(\w+)"/.exec(daticertOf(receipt)) ?? [];
				const holds =
					original === undefined ? '' : /a\.pdf\.hash/.test(original.body) ? ' hash' : ' whole';
				return [elementOf(receipt, 'consegna'), `${type}${holds}`];
			}),
	);
}

/** RFC 6109 3.3.2.1 to 3.3.2.3: what To gets of what was asked for; in Cc it is always a concise one. */
const ASKED = [
	[undefined, 'completa whole'],
	['completa', 'completa whole'],
	['breve', 'breve hash'],
	['sintetica', 'sintetica'],
	['Breve', 'breve hash'],
	['breve, completa', 'completa whole'],
] as const;

const CONCISE = 'sintetica';

describe.each(ASKED)('X-TipoRicevuta %s', (asked, primary) => {
	const more: Record<string, string> = asked === undefined ? {} : { 'X-TipoRicevuta': asked };

	it.each([BETA, ALFA])('in To and in Cc, for %s', async (address) => {
		expect(await receipts({ To: `${address}, ${OTHER}`, ...more }, [address, OTHER])).toEqual({
			[address]: primary,
			[OTHER]: primary,
		});
		desk.startOver();
		expect(await receipts({ To: OTHER, Cc: address, ...more }, [OTHER, address])).toEqual({
			[OTHER]: primary,
			[address]: CONCISE,
		});
	});

	it.each([
		['in both fields', { To: `${OTHER}, ${BETA}`, Cc: BETA }, [OTHER, BETA], primary],
		['in both fields, Cc first', { Cc: BETA, To: `${OTHER}, ${BETA}` }, [OTHER, BETA], primary],
		['in both, in another case', { To: 'CLIENTE01@PEC.BETA.TEST', Cc: BETA }, [BETA], primary],
		['in To, in another case', { To: 'Cliente01@Pec.Beta.Test' }, [BETA], primary],
		[
			'in Cc, in another case',
			{ To: OTHER, Cc: 'Cliente01@Pec.Beta.Test' },
			[OTHER, BETA],
			CONCISE,
		],
		[
			'in Cc with a name that is an address',
			{ To: OTHER, Cc: `"${OTHER}" <${BETA}>` },
			[OTHER, BETA],
			CONCISE,
		],
		[
			'in To with a name in encoded words',
			{ To: `=?utf-8?Q?Citt=C3=A0?= <${BETA}>` },
			[BETA],
			primary,
		],
		['in a group in To', { To: `Clienti: ${OTHER}, ${BETA};` }, [BETA], primary],
		['in a group in Cc', { To: OTHER, Cc: `Clienti: ${BETA};` }, [BETA, OTHER], CONCISE],
		['folded in Cc', { To: OTHER, Cc: `Ditta\r\n <${BETA}>` }, [OTHER, BETA], CONCISE],
		['twice in Cc', { To: OTHER, Cc: `${BETA}, ${BETA}` }, [OTHER, BETA], CONCISE],
	] as const)('%s', async (_, headers, rcpt, expected) => {
		expect((await receipts({ ...headers, ...more }, rcpt))[BETA]).toBe(expected);
	});
});

it('a recipient in neither field is not accepted, and none gets anything (RFC 6109 3.1.1)', async () => {
	expect(await receipts({ To: OTHER }, [OTHER, BETA])).toEqual({});
	expect(desk.deliveries()).toEqual([`${STUDIO} non-accettazione`]);
});

it('the recipient of a receipt is written as the client sent it in RCPT', async () => {
	expect(await receipts({ To: BETA }, ['CLIENTE01@pec.beta.test'])).toEqual({
		'CLIENTE01@pec.beta.test': 'completa whole',
	});
});
