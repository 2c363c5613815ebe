// A mail server that takes messages and keeps none, in a process of its own: sink.ts starts it.
import { createServer, type Socket } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import process from 'node:process';
import { createServer as createTlsServer } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { createPki } from '../../../sandbox/pki/hierarchy.ts';
import { LAST_LINE } from './letters.ts';
import type { SinkAnswer } from './sink.ts';

/** Those of smtp-server wait 100 ms before they greet, which nobody's speed here is about. */
class PromptConnection extends SMTPConnection {
	override init(): void {
		this._setListeners(() => this.connectionReady());
	}
}

const TAIL_BYTES = 1_000;
let taken = 0;

function protocolOf(secured: boolean, tls: { key: string; cert: string }): SMTPServer {
	return new SMTPServer({
		...tls,
		secure: secured,
		secured,
		authOptional: !secured,
		hideSTARTTLS: true,
		disableReverseLookup: true,
		size: 40 * 1024 * 1024,
		logger: false,
		onAuth: ({ username }, _session, callback) => callback(null, { user: username }),
		onData: (stream, _session, callback) => {
			let tail = Buffer.alloc(0);
			stream.on('data', (chunk: Buffer) => {
				tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
			});
			stream.on('end', () => {
				// what smtp-source makes up has no last line of ours
				if (secured && !tail.includes(LAST_LINE)) {
					callback(Object.assign(new Error('the message was cut short'), { responseCode: 554 }));
					return;
				}
				taken += 1;
				callback(null, 'taken');
			});
		},
	});
}

async function portOf(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

const { tls, tlsCa } = await createPki({ providers: [], now: new Date(), tls: 'valid' });
const converse = (protocol: SMTPServer) => (socket: Socket) => {
	const connection = new PromptConnection(protocol, socket);
	connection.on('error', () => undefined);
	connection.init();
};
const port = await portOf(createTlsServer(tls, converse(protocolOf(true, tls))));
const plainPort = await portOf(createServer(converse(protocolOf(false, tls))));

const tell = (answer: SinkAnswer) => process.send?.(answer);
process.channel?.ref();
process.on('message', () => tell({ told: 'count', taken }));
tell({ told: 'ready', port, plainPort, tlsCa });
