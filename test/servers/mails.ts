/** A small ordinary message of exactly these header values. */
export function mail(fields: {
	subject: string;
	id?: string;
	body?: string;
	headers?: string;
}): Buffer {
	const {
		subject,
		id = `${subject.replace(/\W/g, '')}@test`,
		body = 'Testo.',
		headers = '',
	} = fields;
	return Buffer.from(
		`From: mittente@pec.alfa.test\r\nTo: studio@pec.alfa.test\r\nSubject: ${subject}\r\n` +
			`Message-ID: <${id}>\r\n${headers}Content-Type: text/plain\r\n\r\n${body}\r\n`,
		'latin1',
	);
}

/** What a provider's delivery receipt looks like as far as headers and certification data go; unsigned. */
export function receiptMail(fields: {
	type: string;
	originalId: string;
	recipient: string;
	providerId: string;
}): Buffer {
	const { type, originalId, recipient, providerId } = fields;
	const certification =
		`<?xml version="1.0" encoding="UTF-8"?><postacert tipo="${type}" errore="nessuno">` +
		'<intestazione><mittente>studio@pec.alfa.test</mittente>' +
		`<destinatari tipo="certificato">${recipient}</destinatari>` +
		'<risposte>studio@pec.alfa.test</risposte><oggetto>Prova</oggetto></intestazione>' +
		'<dati><gestore-emittente>Gestore Alfa S.p.A.</gestore-emittente>' +
		'<data zona="+0100"><giorno>01/02/2026</giorno><ora>00:30:12</ora></data>' +
		`<identificativo>${providerId}</identificativo><msgid>&lt;${originalId}&gt;</msgid>` +
		(type === 'avvenuta-consegna'
			? `<ricevuta tipo="completa"/><consegna>${recipient}</consegna>`
			: '') +
		'</dati></postacert>';
	return Buffer.from(
		[
			'From: posta-certificata@pec.alfa.test',
			'To: studio@pec.alfa.test',
			'Subject: RICEVUTA: Prova',
			`Message-ID: <${providerId}.${type}>`,
			`X-Ricevuta: ${type}`,
			`X-Riferimento-Message-ID: <${originalId}>`,
			'MIME-Version: 1.0',
			'Content-Type: multipart/mixed; boundary="b"',
			'',
			'--b',
			'Content-Type: text/plain; charset=iso-8859-1',
			'',
			'Ricevuta.',
			'--b',
			'Content-Type: application/xml; name="daticert.xml"',
			'Content-Transfer-Encoding: base64',
			'Content-Disposition: inline; filename="daticert.xml"',
			'',
			...(Buffer.from(certification)
				.toString('base64')
				.match(/.{1,76}/g) ?? []),
			'--b--',
			'',
		].join('\r\n'),
		'latin1',
	);
}
