import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { CredentialInput } from '../../scripts/editor/restTypes.ts';

/** The mail server of an office, as far as what it is given to send goes: one user, every mail kept and none passed on. */
export interface OrdinaryMail {
	readonly host: string;
	readonly port: number;
	/** How n8n's own mail nodes get to it. */
	credential(name: string): CredentialInput;
	/** What came, the oldest first; `to` and `subject` narrow it. */
	mails(of?: { readonly to?: string; readonly subject?: RegExp }): readonly ParsedMail[];
	/** Refuses every mail with 451 until the next call of it. */
	refuse(isRefusing: boolean): void;
	stop(): Promise<void>;
}

const USER = 'n8n@studio.test';
const PASSWORD = 'posta-ordinaria';

/** @param tls of localhost, PEM, by an authority that n8n trusts: its own credential has no field for one */
export async function startOrdinaryMail(tls: {
	readonly key: string;
	readonly cert: string;
}): Promise<OrdinaryMail> {
	const received: ParsedMail[] = [];
	let isRefusing = false;
	const server = new SMTPServer({
		...tls,
		secure: true,
		disableReverseLookup: true,
		onAuth: ({ username, password }, _session, done) => {
			if (username === USER && password === PASSWORD) done(null, { user: USER });
			else done(new Error('wrong user or password'));
		},
		onMailFrom: (_address, _session, done) => done(isRefusing ? temporary() : null),
		onData: (stream, _session, done) => {
			simpleParser(stream).then(
				(mail) => {
					received.push(mail);
					done(null);
				},
				(error: Error) => done(error),
			);
		},
	});
	// A client that hangs up is its own business.
	server.on('error', () => undefined);
	server.listen(0, '127.0.0.1');
	await once(server.server, 'listening');
	const { port } = server.server.address() as AddressInfo;
	const host = 'localhost';
	return {
		host,
		port,
		credential: (name) => ({
			name,
			type: 'smtp',
			data: { user: USER, password: PASSWORD, host, port, secure: true },
		}),
		mails: ({ to, subject } = {}) =>
			received.filter(
				(mail) =>
					(to === undefined || addressesOf(mail).includes(to)) &&
					(subject === undefined || subject.test(mail.subject ?? '')),
			),
		refuse: (value) => {
			isRefusing = value;
		},
		stop: async () => await new Promise((resolve) => server.close(() => resolve())),
	};
}

function temporary(): Error {
	return Object.assign(new Error('4.3.2 try later'), { responseCode: 451 });
}

function addressesOf({ to }: ParsedMail): string[] {
	const lists = to === undefined ? [] : [to].flat();
	return lists.flatMap(({ value }) => value.map(({ address }) => address ?? ''));
}
