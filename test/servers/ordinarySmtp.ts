import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const USER = 'ufficio@studio.test';
const PASSWORD = 'prova-ufficio';

/** The ordinary mail server of an office, as far as sending goes. It keeps what it takes, and passes nothing on. */
export interface OrdinarySmtp {
	/** What it took, in this order, as mailparser reads it. */
	readonly mails: readonly ParsedMail[];
	/** What n8n's own credential "SMTP" asks for. */
	readonly credential: Readonly<Record<string, unknown>>;
	stop(): Promise<void>;
}

/** @param tls of localhost, PEM; n8n's own credential has no field for its authority */
export async function startOrdinarySmtp(tls: {
	readonly key: string;
	readonly cert: string;
}): Promise<OrdinarySmtp> {
	const mails: ParsedMail[] = [];
	const server = new SMTPServer({
		...tls,
		secure: true,
		disableReverseLookup: true,
		logger: false,
		onAuth: ({ username, password }, _session, callback) => {
			if (username === USER && password === PASSWORD) callback(null, { user: USER });
			else callback(new Error('wrong user name or password'));
		},
		onData: (stream, _session, callback) => {
			simpleParser(stream).then(
				(mail) => {
					mails.push(mail);
					callback(null, 'taken');
				},
				(error: unknown) => callback(error as Error),
			);
		},
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.server.address() as AddressInfo;
	return {
		mails,
		credential: { user: USER, password: PASSWORD, host: 'localhost', port, secure: true },
		stop: async () => await new Promise((resolve) => server.close(() => resolve())),
	};
}
