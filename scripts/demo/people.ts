import type { OutgoingMail } from '../../sandbox/index.ts';
import type { ExpectedRecipient } from './figures.ts';

/** The office whose mailbox the demo works on. */
export const SENDER = 'studio@pec.alfa.test';

const clients = Array.from({ length: 10 }, (_, index) => String(index + 1).padStart(2, '0'));

/** The rows of examples/mailing, and what must become of each. */
export const EXPECTED_RECIPIENTS: readonly ExpectedRecipient[] = [
	...clients.map((number) => ({
		recipient: `cliente${number}@pec.beta.test`,
		rowKey: `2026-${number}`,
		state: 'delivered',
	})),
	{ recipient: 'alfa2@pec.alfa.test', rowKey: '2026-11', state: 'delivered' },
	{ recipient: 'cliente01@pec.beta.test', rowKey: '2026-12', state: 'delivered' },
	{
		recipient: 'sconosciuto@pec.beta.test',
		rowKey: '2026-13',
		state: 'notDelivered',
		reason: 'addressUnknown',
	},
	{
		recipient: 'pieno@pec.beta.test',
		rowKey: '2026-14',
		state: 'notDelivered',
		reason: 'mailboxFull',
	},
	{ recipient: 'mario.rossi@posta.test', rowKey: '2026-15', state: 'notCertified' },
];

/** What clients wrote to the office before the demo began. */
export function receivedLetters(): Array<{ from: string; mail: OutgoingMail }> {
	return ['03', '05', '08'].map((number) => ({
		from: `cliente${number}@pec.beta.test`,
		mail: {
			to: [SENDER],
			subject: `Documenti pratica 2026-${number}`,
			text: 'In allegato i documenti richiesti.',
			attachments: [
				{
					filename: `documenti-${number}.txt`,
					contentType: 'text/plain',
					content: Buffer.from(`Documenti della pratica 2026-${number}\n`.repeat(2_000)),
				},
			],
		},
	}));
}
