import type { TLSSocket } from 'node:tls';
import { CLIENTE, message, SIGN_IN, STUDIO } from './pecDesk.ts';

/** What the tests of SMTP faults send, by nodemailer or line by line. */
export const MAIL = { to: CLIENTE, subject: 'Prova', text: 'ciao' };
export const TO_DATA = [...SIGN_IN, `MAIL FROM:<${STUDIO}>`, `RCPT TO:<${CLIENTE}>`, 'DATA'];
export const BODY = message({ From: STUDIO, To: CLIENTE });

export async function closed(socket: TLSSocket): Promise<void> {
	if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}
