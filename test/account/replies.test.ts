import { describe, expect, it } from 'vitest';

import { Replies } from '../../nodes/account/replies.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { readPecMessage } from '../../nodes/pec/message.ts';
import type { PecMessage } from '../../nodes/pec/types.ts';
import { titleOf } from '../servers/mailServers.ts';
import { MAILBOXES, type MailboxesUnderTest } from '../sandbox/pecMailboxes.ts';
import { SendingDesk, STUDIO } from './sendingDesk.ts';

const CLIENTE = 'cliente01@pec.beta.test';
const OTHER = 'cliente02@pec.beta.test';
const OWN = MAILBOXES[0] as MailboxesUnderTest;

/** The transport envelopes in INBOX, oldest first. */
async function received(desk: SendingDesk, imap: ImapSession): Promise<PecMessage[]> {
	const inbox = await imap.open('INBOX', { readOnly: true });
	const messages: PecMessage[] = [];
	for (const uid of await inbox.search({})) {
		const { raw } = (await inbox.fetch(uid)) ?? { raw: Buffer.of() };
		messages.push(await readPecMessage(raw, { trust: { issuers: [] }, now: desk.now() }));
	}
	return messages.filter(({ kind }) => kind === 'transportEnvelope');
}

/** The id under which a recipient received the last message. */
async function idSeenBy(desk: SendingDesk, address: string): Promise<string> {
	const letters = await received(desk, await desk.connect(address));
	return letters.at(-1)?.envelope.messageId ?? '';
}

/** The session, counting how often a folder is opened. */
function counted(imap: ImapSession): { imap: ImapSession; opened: () => number } {
	let opened = 0;
	const open: ImapSession['open'] = async (...args) => {
		opened += 1;
		return await imap.open(...args);
	};
	return { imap: { ...imap, open }, opened: () => opened };
}

describe.each(MAILBOXES)('a reply', (where) => {
	describe.skipIf(where.missing !== undefined)(titleOf(where), () => {
		it('is known by the id that the provider gave our message', async () => {
			const desk = await SendingDesk.open(where);
			const [messageId = '', otherId = ''] = await desk.send('Solleciti', [CLIENTE, OTHER]);
			const seen = await idSeenBy(desk, CLIENTE);
			const seenByOther = await idSeenBy(desk, OTHER);
			expect(seen).not.toBe(messageId);
			const reply = { to: STUDIO, subject: 'R: Solleciti', text: 'Ricevuto' };
			await desk.write(CLIENTE, { ...reply, inReplyTo: seen, references: [seen] });
			// The same person answers for the other, and somebody writes of something else.
			await desk.write(CLIENTE, { ...reply, references: [seenByOther, '<later@pec.beta.test>'] });
			await desk.write(OTHER, { ...reply, inReplyTo: '<webmail.1@pec.alfa.test>' });
			await desk.write(OTHER, { ...reply, inReplyTo: otherId });
			await desk.write(OTHER, reply);
			const imap = await desk.connect();
			const messages = await received(desk, imap);
			const replies = new Replies({ account: STUDIO });
			const mailing = 'Solleciti';
			expect(await replies.answersTo(imap, messages)).toEqual([
				{ messageId, mailing, rowKey: 'p/1', recipient: CLIENTE },
				{ messageId: otherId, mailing, rowKey: 'p/2', recipient: OTHER, answeredBy: CLIENTE },
				undefined,
				{ messageId: otherId, mailing, rowKey: 'p/2', recipient: OTHER },
				undefined,
			]);
		});
	});
});

describe('looking for what a message answers', () => {
	it('opens no folder for a message that quotes nothing, nor for one whose sending is known', async () => {
		const desk = await SendingDesk.open(OWN);
		const { imap, opened } = counted(await desk.connect());
		const replies = new Replies({ account: STUDIO });
		const reply = { to: STUDIO, subject: 'Prova', text: 'Testo' };
		await desk.write(CLIENTE, reply);
		const [plain] = await received(desk, imap);
		const before = opened();
		expect(await replies.answersTo(imap, plain ? [plain] : [])).toEqual([undefined]);
		expect(opened()).toBe(before);

		await desk.send('Solleciti', [CLIENTE]);
		await desk.write(CLIENTE, { ...reply, inReplyTo: await idSeenBy(desk, CLIENTE) });
		const messages = await received(desk, imap);
		const [, first] = await replies.answersTo(imap, messages);
		expect(first).toMatchObject({ recipient: CLIENTE });
		const then = opened();
		expect(await replies.answersTo(imap, messages)).toEqual([undefined, first]);
		expect(opened()).toBe(then);
	});

	it('finds what was sent since it looked', async () => {
		const desk = await SendingDesk.open(OWN);
		const imap = await desk.connect();
		const replies = new Replies({ account: STUDIO });
		const reply = { to: STUDIO, subject: 'Prova', text: 'Testo' };
		for (const [at, mailing] of ['Uno', 'Due'].entries()) {
			await desk.send(mailing, [CLIENTE]);
			await desk.write(CLIENTE, { ...reply, inReplyTo: await idSeenBy(desk, CLIENTE) });
			const answers = await replies.answersTo(imap, await received(desk, imap));
			expect(answers[at]).toMatchObject({ mailing });
		}
	});
});
