import { describe, expect, it } from 'vitest';
import { answerOf, forwardSubjectOf, quotedHtml, quotedText } from '../../nodes/pec/answer.ts';
import { emlNameOf } from '../../nodes/pec/emlName.ts';
import type { MessageKind, Original, PecMessage } from '../../nodes/pec/types.ts';

type Received = Pick<PecMessage, 'kind' | 'certification' | 'envelope' | 'original'>;

const ORIGINAL: Original = {
	from: { address: 'Mario@pec.example', name: 'Mario' },
	to: [],
	cc: [],
	replyTo: [],
	subject: 'Richiesta',
	date: 'Sun, 01 Feb 2026 10:00:00 +0100',
	messageId: '<opec1.1@pec.example>',
	text: 'Buongiorno,\n> come detto\n',
	attachments: [],
	raw: Buffer.alloc(0),
};
const PROVIDER = 'posta-certificata@pec.example';
const ENVELOPE: Received = {
	kind: 'transportEnvelope',
	certification: {
		sender: 'mario@pec.example',
		recipients: [],
		subject: 'Richiesta',
		local: '2026-02-01 10:00:05 +0100',
		originalMessageId: '<client.1@pec.example>',
		receivedBy: [],
	},
	envelope: {
		from: `"Per conto di: mario@pec.example" <${PROVIDER}>`,
		to: [],
		cc: [],
		replyTo: PROVIDER,
		subject: 'POSTA CERTIFICATA: Richiesta',
		messageId: '<opec1.1@pec.example>',
	},
	original: ORIGINAL,
};

function received(changes: {
	kind?: MessageKind;
	certification?: Partial<NonNullable<Received['certification']>> | null;
	envelope?: Partial<Received['envelope']>;
	original?: Partial<Original> | null;
}): Received {
	const { certification, original } = changes;
	return {
		kind: changes.kind ?? ENVELOPE.kind,
		envelope: { ...ENVELOPE.envelope, ...changes.envelope },
		...(certification === null
			? {}
			: {
					certification: {
						recipients: [],
						receivedBy: [],
						...ENVELOPE.certification,
						...certification,
					},
				}),
		...(original === null ? {} : { original: { ...ORIGINAL, ...original } }),
	};
}

describe('whom a message is answered to', () => {
	it.each<[string, Received, string[]]>([
		['the author', ENVELOPE, ['mario@pec.example']],
		[
			'whom the certification data name',
			received({ certification: { replyTo: 'Ufficio <ufficio@pec.example>' } }),
			['ufficio@pec.example'],
		],
		[
			'whom the author named',
			received({
				original: { replyTo: [{ address: 'a@pec.example' }, { address: 'A@pec.example' }] },
			}),
			['a@pec.example'],
		],
		[
			'the author where the provider names itself',
			received({ certification: { replyTo: PROVIDER } }),
			['mario@pec.example'],
		],
		[
			'the certified sender where there is no original',
			received({ original: null }),
			['mario@pec.example'],
		],
		[
			'the author of ordinary mail, whatever certification data it carries',
			received({ kind: 'anomalyEnvelope', certification: { replyTo: 'altro@pec.example' } }),
			['mario@pec.example'],
		],
	])('is %s', (_, message, to) => {
		expect(answerOf(message)).toMatchObject({ to });
	});

	it.each<[string, Received, string]>([
		['a receipt', received({ kind: 'receipt' }), 'receipt'],
		['a report of a mail server', received({ kind: 'deliveryStatus' }), 'deliveryStatus'],
		['what cannot be read', received({ kind: 'unreadable' }), 'unreadable'],
		[
			'the provider itself',
			received({ certification: { sender: PROVIDER }, original: { from: { address: PROVIDER } } }),
			'noAddress',
		],
	])('is nobody for %s', (_, message, why) => {
		expect(answerOf(message)).toBe(why);
	});
});

describe('the subject', () => {
	it.each([
		['Richiesta', 'Re: Richiesta', 'Fwd: Richiesta'],
		['Re: Richiesta', 'Re: Richiesta', 'Fwd: Re: Richiesta'],
		['R: RE: Richiesta', 'Re: Richiesta', 'Fwd: R: RE: Richiesta'],
		['I: Richiesta', 'Re: I: Richiesta', 'Fwd: Richiesta'],
		['FW: Fwd: Richiesta', 'Re: FW: Fwd: Richiesta', 'Fwd: Richiesta'],
		['Resoconto: 2026', 'Re: Resoconto: 2026', 'Fwd: Resoconto: 2026'],
		['', 'Re:', 'Fwd:'],
		['due\r\nBcc: x@y.it', 'Re: due Bcc: x@y.it', 'Fwd: due Bcc: x@y.it'],
	])('%j becomes %j and %j', (subject, reply, forward) => {
		const message = received({ original: { subject } });
		expect(answerOf(message)).toMatchObject({ subject: reply });
		expect(forwardSubjectOf(message)).toBe(forward);
	});

	it('is the certified one where there is no original, without what the provider put in front', () => {
		expect(answerOf(received({ original: null }))).toMatchObject({ subject: 'Re: Richiesta' });
	});
});

describe('the thread', () => {
	it('answers the id the provider gave, and names the author’s own beside it', () => {
		expect(answerOf(ENVELOPE)).toMatchObject({
			inReplyTo: '<opec1.1@pec.example>',
			references: ['<client.1@pec.example>', '<opec1.1@pec.example>'],
		});
	});

	it('continues the one that the message continued', () => {
		const references = ['<a@x>', '<b@x>'];
		expect(answerOf(received({ original: { references, inReplyTo: '<b@x>' } }))).toMatchObject({
			references: ['<a@x>', '<b@x>', '<client.1@pec.example>', '<opec1.1@pec.example>'],
		});
		expect(answerOf(received({ original: { inReplyTo: '<b@x>' } }))).toMatchObject({
			references: ['<b@x>', '<client.1@pec.example>', '<opec1.1@pec.example>'],
		});
	});

	it('leaves out what cannot stand in a header, and the middle of what is endless', () => {
		const long = Array.from({ length: 200 }, (_, at) => `<${at}@x>`);
		const answer = answerOf(
			received({ envelope: { references: ['<a b@x>', '<è@x>', ...long], messageId: '<a\tb>' } }),
		);
		expect(answer).not.toHaveProperty('inReplyTo');
		const { references = [] } = answer as { references?: string[] };
		expect(references).toHaveLength(50);
		expect(references[0]).toBe('<0@x>');
		expect(references.at(-2)).toBe('<199@x>');
	});
});

describe('a quote', () => {
	it('says who wrote when, by the provider’s clock, and marks each line', () => {
		expect(quotedText(ENVELOPE)).toBe(
			'Il 01/02/2026 10:00, Mario@pec.example ha scritto:\n> Buongiorno,\n>> come detto',
		);
	});

	it('cannot bring somebody else’s HTML into ours', () => {
		const html = quotedHtml(received({ original: { text: '<img src=x>\n&' } }));
		expect(html).toContain('<blockquote>&lt;img src=x&gt;<br>\n&amp;</blockquote>');
	});

	it('is nothing where there is no text', () => {
		expect(quotedText(received({ original: { text: '' } }))).toBe('');
		expect(quotedHtml(received({ original: null }))).toBe('');
	});
});

describe('the file name of a message', () => {
	it.each([
		['Avviso 1/2026: "città"', 'Avviso 1 2026 città.eml'],
		['..', 'message.eml'],
		['', 'message.eml'],
		['a\r\nb\u202e', 'a b.eml'],
		['x'.repeat(300), `${'x'.repeat(100)}.eml`],
		['😀'.repeat(101), `${'😀'.repeat(100)}.eml`],
	])('%j becomes %j', (subject, name) => {
		expect(emlNameOf(subject)).toBe(name);
	});
});
