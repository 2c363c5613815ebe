import type { SandboxOptions } from '../../sandbox/index.ts';
import { startScripted, type ScriptedServer } from './scriptedServer.ts';

/** `drop`: the connection ends, `mute`: nothing comes. */
type Answer = string | 'drop' | 'mute';

/** An LMTP server that says what a test wants of each recipient, and the mailboxes it took messages for. */
export class ScriptedLmtp {
	readonly server: ScriptedServer;
	readonly taken: readonly string[];
	/** By `MAIL`, by recipient at RCPT, by `. ` and recipient after the message. */
	readonly answers: Map<string, Answer>;
	/** Resolves when it stayed mute for the first time. */
	readonly muted: Promise<void>;

	private constructor(
		server: ScriptedServer,
		taken: string[],
		answers: Map<string, Answer>,
		muted: Promise<void>,
	) {
		this.server = server;
		this.taken = taken;
		this.answers = answers;
		this.muted = muted;
	}

	static async start(): Promise<ScriptedLmtp> {
		const taken: string[] = [];
		const answers = new Map<string, Answer>();
		const inData = new Set<unknown>();
		let tellMuted = (): void => undefined;
		const muted = new Promise<void>((resolve) => (tellMuted = resolve));
		let recipient = '';
		const server = await startScripted({
			greet: ({ say }) => say('220 prova LMTP'),
			answer: (line, connection) => {
				const { socket, say } = connection;
				if (inData.has(socket)) {
					if (line !== '.') return;
					inData.delete(socket);
					const answer = answers.get(`. ${recipient}`);
					if (answer === 'drop') return void socket.destroy();
					if (answer === undefined) taken.push(recipient);
					return say(answer ?? '250 2.0.0 saved');
				}
				if (line.startsWith('LHLO')) return say('250 prova');
				// only the first time: whoever comes back is served
				if (line.startsWith('MAIL') && answers.get('MAIL') === 'drop') {
					answers.delete('MAIL');
					return void socket.destroy();
				}
				if (line.startsWith('RCPT TO:')) {
					recipient = /<(.*)>/.exec(line)?.[1] ?? '';
					const answer = answers.get(recipient);
					if (answer === 'drop') return void socket.destroy();
					if (answer === 'mute') return tellMuted();
					return say(answer ?? '250 2.1.5 ok');
				}
				if (line !== 'DATA') return say('250 2.0.0 ok');
				inData.add(socket);
				say('354 go on');
			},
		});
		return new ScriptedLmtp(server, taken, answers, muted);
	}

	/** As an option of the sandbox; nobody reads here. */
	options(timeoutMs?: number): SandboxOptions {
		const { host, port } = this.server;
		const nowhere = { host, port: 1 };
		const lmtp = { host, port, timeoutMs };
		return { mailboxes: { lmtp, imap: nowhere, imapStartTls: nowhere, tlsCa: '' } };
	}
}
