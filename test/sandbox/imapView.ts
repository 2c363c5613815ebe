import { expect } from 'vitest';
import type { Wire } from './imapDesk.ts';

/** What a client was told of one message. */
export interface Told {
	uid?: number;
	/** Without `\Recent`, sorted. */
	flags?: string[];
}

/** RFC 3501 7.4.1: no numbers may move while one of these is at work. */
const KEEPS_NUMBERS = /^(?:FETCH|STORE|SEARCH) /;

/**
 * A client that believes what untagged responses tell it and nothing else, and fails the test when they contradict each
 * other or what it was told before.
 */
export class View {
	readonly #wire: Wire;
	readonly #contentOf: (folder: string, uid: number) => string | undefined;
	folder: string | undefined;
	readOnly = false;
	messages: Told[] = [];
	#idling = false;

	/** @param contentOf the first line of the message a folder ever had under this UID */
	constructor(wire: Wire, contentOf: (folder: string, uid: number) => string | undefined) {
		this.#wire = wire;
		this.#contentOf = contentOf;
	}

	async select(folder: string, readOnly = false): Promise<void> {
		await this.leaveIdle();
		this.messages = [];
		this.folder = folder;
		this.readOnly = readOnly;
		await this.run(`${readOnly ? 'EXAMINE' : 'SELECT'} ${folder}`);
		await this.learn();
	}

	/** Leaves the folder by CLOSE or UNSELECT. */
	async leave(command: 'CLOSE' | 'UNSELECT'): Promise<void> {
		expect(await this.run(command)).not.toMatch(/^\*/m);
		this.folder = undefined;
		this.messages = [];
	}

	/** Asks for what it was not told of by itself: UID and flags of all messages. */
	async learn(): Promise<void> {
		if (this.messages.length > 0) await this.run('FETCH 1:* (UID FLAGS)');
	}

	async idle(): Promise<void> {
		if (this.#idling) return;
		this.#idling = true;
		this.#wire.send('idle IDLE\r\n');
		this.#take('IDLE', await this.#wire.until(/^\+ .*\r\n/m));
	}

	async leaveIdle(): Promise<void> {
		if (!this.#idling) return;
		this.#idling = false;
		this.#wire.send('DONE\r\n');
		this.#take('IDLE', await this.#wire.until(/^idle OK .*\r\n/m));
	}

	/** Sends a command that may be answered OK or NO, and believes the answer. */
	async run(command: string): Promise<string> {
		await this.leaveIdle();
		const answer = await this.#wire.command(command);
		expect(answer, command).toMatch(/^T (?:OK|NO) /m);
		this.#take(command, answer);
		return answer;
	}

	/** A STORE of which no response tells. */
	async storeSilently(sequence: number, sign: '+' | '-', flag: string): Promise<void> {
		await this.leaveIdle();
		const message = this.messages[sequence - 1];
		const answer = await this.#wire.command(`STORE ${sequence} ${sign}FLAGS.SILENT (${flag})`);
		if (message?.flags !== undefined && answer.includes('T OK')) {
			const others = message.flags.filter((each) => each !== flag);
			message.flags = (sign === '+' ? [...others, flag] : others).sort();
		}
		this.#take('STORE 1', answer);
	}

	#take(command: string, answer: string): void {
		// SEARCH answers in the numbers from before any news in the same answer
		const before = this.messages.length;
		for (const [, number = '', what = '', rest = ''] of answer.matchAll(
			/^\* (\d+) (EXISTS|EXPUNGE|RECENT|FETCH)(.*(?:\r\nN: \d+\r\n\r\n.*)?)\r$/gm,
		)) {
			const n = Number(number);
			if (what === 'EXISTS') {
				expect(n, `${command}: EXISTS takes messages away`).toBeGreaterThanOrEqual(
					this.messages.length,
				);
				while (this.messages.length < n) this.messages.push({});
			} else if (what === 'RECENT') {
				expect(n).toBeLessThanOrEqual(this.messages.length);
			} else {
				expect(n, `${command}: ${what} of a number nobody has`).toBeGreaterThan(0);
				expect(n, `${command}: ${what} of a number nobody has`).toBeLessThanOrEqual(
					this.messages.length,
				);
				if (what === 'FETCH') this.#takeFetch(n, rest);
				else {
					expect(command, 'EXPUNGE while numbers are at work').not.toMatch(KEEPS_NUMBERS);
					this.messages.splice(n - 1, 1);
				}
			}
		}
		for (const [, list = ''] of answer.matchAll(/^\* SEARCH((?: \d+)*)\r$/gm)) {
			if (command.startsWith('UID')) continue;
			for (const n of list.split(' ').slice(1)) expect(Number(n)).toBeLessThanOrEqual(before);
		}
	}

	#takeFetch(n: number, text: string): void {
		const message = this.messages[n - 1] ?? {};
		const uid = /UID (\d+)/.exec(text)?.[1];
		if (uid !== undefined) {
			expect(Number(uid), `the UID of message ${n}`).toBe(message.uid ?? Number(uid));
			message.uid = Number(uid);
			const known = this.messages.flatMap((each) => each.uid ?? []);
			expect([...known].sort((a, b) => a - b)).toEqual(known);
			expect(new Set(known).size).toBe(known.length);
		}
		const flags = /FLAGS \(([^)]*)\)/.exec(text)?.[1];
		if (flags !== undefined) {
			message.flags = flags
				.split(' ')
				.filter((flag) => flag !== '' && flag !== '\\Recent')
				.sort();
		}
		const content = /N: \d+/.exec(text)?.[0];
		if (content !== undefined && message.uid !== undefined) {
			expect(content).toBe(this.#contentOf(this.folder ?? '', message.uid));
		}
	}
}
