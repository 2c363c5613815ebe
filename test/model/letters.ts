import { receiptMail } from '../servers/mails.ts';

/** What a provider delivers, as far as headers go; unsigned. */
export function letter(id: string, length: number): Buffer {
	const headers = [
		'From: "Per conto di: a@pec.beta.test" <posta-certificata@pec.beta.test>',
		'To: studio@pec.alfa.test',
		'Subject: POSTA CERTIFICATA: Prova',
		`Message-ID: <${id}.busta>`,
		'X-Trasporto: posta-certificata',
		`X-Riferimento-Message-ID: <${id}>`,
	];
	return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${'x'.repeat(length)}${id}\r\n`, 'latin1');
}

export function receiptOf(type: string, originalId: string): Buffer {
	return receiptMail({
		type,
		originalId,
		recipient: 'r@pec.beta.test',
		providerId: `p.${originalId}`,
	});
}
