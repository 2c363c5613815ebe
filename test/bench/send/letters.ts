/** The last line of every message here: the sink takes nothing that was cut short. */
export const LAST_LINE = 'Distinti saluti, il banco di prova.';

export const SENDER = 'studio@pec.alfa.test';
export const RECIPIENT = 'cliente01@pec.beta.test';

const LINE = 'Si comunica quanto segue, senza che ne derivi alcun obbligo per chi legge.\r\n';

/** The text alone, of about so many bytes, in lines that need no encoding. */
export function textOf(bytes: number): string {
	return `${LINE.repeat(Math.max(1, Math.round(bytes / LINE.length)))}${LAST_LINE}\r\n`;
}

/** A ready-made message of about so many bytes in all. */
export function letterOf(bytes: number): Buffer {
	const header =
		`From: <${SENDER}>\r\nTo: <${RECIPIENT}>\r\nSubject: Comunicazione\r\n` +
		'Date: Sat, 28 Nov 2026 10:00:00 +0100\r\nMessage-ID: <bench@pec.alfa.test>\r\n' +
		'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n';
	return Buffer.from(header + textOf(bytes - header.length - LAST_LINE.length), 'latin1');
}
