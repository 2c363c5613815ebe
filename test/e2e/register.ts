import { once, EventEmitter } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { NodeSpec } from './flows.ts';

const LONGEST_MS = 90_000;

/** Of a message that the trigger gives, or of what another register gave on; what has none is told by its kind. */
const SUBJECT =
	'={{ $json.original?.subject ?? $json.envelope?.subject ?? $json.subject ?? $json.kind }}';

/** What flows do, seen from outside of n8n: each call of it is one effect of one run. */
export interface Register {
	/** Subjects, in the order in which they were written. */
	readonly entries: readonly string[];
	/** Calls that wait for their answer. */
	readonly held: number;
	/** Resolves when so many are written in all. */
	until(count: number, longestMs?: number): Promise<void>;
	/** Resolves when so many calls are waiting at once. */
	untilHeld(count: number): Promise<void>;
	/** From now on calls wait for their answer, and are no entries before they get one. */
	hold(): void;
	/** Answers what waits, and holds no more. */
	release(): void;
	/** The node that writes the message's subject, and gives it on. */
	node(name?: string): NodeSpec;
}

/** A register of the test's own, closed with it. */
export async function openRegister(): Promise<Register> {
	const events = new EventEmitter();
	const entries: string[] = [];
	const held = new Set<ServerResponse>();
	let holds = false;
	const write = (subject: string, response: ServerResponse) => {
		entries.push(subject);
		response.setHeader('content-type', 'application/json').end(JSON.stringify({ subject }));
		events.emit('change');
	};
	const server = createServer((request, response) => {
		const { searchParams } = new URL(request.url ?? '', 'http://register.test');
		const subject = searchParams.get('subject') ?? '';
		if (!holds) return write(subject, response);
		held.add(response);
		response.on('close', () => held.delete(response));
		response.on('written', () => write(subject, response));
		events.emit('change');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	const { port } = server.address() as AddressInfo;
	const until = async (what: string, done: () => boolean, longestMs = LONGEST_MS) => {
		const signal = AbortSignal.timeout(longestMs);
		while (!done()) {
			await once(events, 'change', { signal }).catch(() => {
				const written = entries.slice(-20).join(', ');
				throw new Error(`Waited in vain for ${what}; the last of ${entries.length}: ${written}`);
			});
		}
	};
	return {
		entries,
		get held() {
			return held.size;
		},
		until: async (count, longestMs) =>
			await until(`${count} entries`, () => entries.length >= count, longestMs),
		untilHeld: async (count) => await until(`${count} calls`, () => held.size >= count),
		hold: () => (holds = true),
		release: () => {
			holds = false;
			for (const response of [...held]) {
				held.delete(response);
				response.emit('written');
			}
		},
		node: (name = 'Register') => ({
			name,
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: {
				url: `http://127.0.0.1:${port}/`,
				sendQuery: true,
				queryParameters: {
					parameters: [{ name: 'subject', value: SUBJECT }],
				},
				options: {},
			},
		}),
	};
}
