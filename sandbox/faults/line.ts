import { Lane } from './lane.ts';

/** As the server sees it. */
export type Direction = 'sent' | 'received';

/** The two ends of a line: what leaves goes to `send`, what came goes to `receive`; bytes of the protocol, not of TLS. */
export interface LineEnds {
	send(bytes: Buffer): void;
	receive(bytes: Buffer): void;
	/** Called each time that held input has all been received. */
	onReceived?(): void;
	/** Hangs up once what was sent has left. */
	cut(): void;
}

/** What the bytes of one connection pass on their way between its protocol and its socket. */
export class Line {
	readonly #lanes: Readonly<Record<Direction, Lane>>;
	readonly #cut: () => void;
	readonly #whenOver: (() => void)[] = [];
	#stalls = 0;
	#over = false;

	constructor(ends: LineEnds) {
		this.#cut = () => ends.cut();
		this.#lanes = {
			sent: new Lane((bytes) => ends.send(bytes)),
			received: new Lane(
				(bytes) => ends.receive(bytes),
				() => ends.onReceived?.(),
			),
		};
	}

	/** Whether it was cut or closed: nothing passes any more. */
	get over(): boolean {
		return this.#over;
	}

	get stalled(): boolean {
		return this.#stalls > 0;
	}

	/** Bytes of one direction that wait. */
	queued(direction: Direction): number {
		return this.#lanes[direction].queued;
	}

	send(bytes: Buffer): void {
		this.#lanes.sent.push(bytes);
	}

	receive(bytes: Buffer): void {
		this.#lanes.received.push(bytes);
	}

	/** Drops what came and was not received yet. */
	forgetReceived(): void {
		this.#lanes.received.clear();
	}

	/** Resolves when all that was sent has left for the socket, or the line is over. */
	async sent(): Promise<void> {
		await this.#lanes.sent.passed();
	}

	/** Hangs up as soon as so many bytes more have passed. */
	cut(after: number, direction: Direction): void {
		this.#lanes[direction].limit(after, () => {
			if (this.#over) return;
			this.close();
			this.#cut();
		});
	}

	/** Both directions, or one; the slowest of several counts. */
	slow(bytesPerSecond: number, direction?: Direction): void {
		if (direction !== 'received') this.#lanes.sent.slow(bytesPerSecond);
		if (direction !== 'sent') this.#lanes.received.slow(bytesPerSecond);
	}

	/**
	 * Nothing passes any more in either direction once so many bytes more have passed, and the connection stays open.
	 * The answer ends the stall.
	 */
	stall(after: number, direction: Direction): () => void {
		let state: 'coming' | 'stalled' | 'released' = 'coming';
		this.#lanes[direction].limit(after, () => {
			if (state !== 'coming') return;
			state = 'stalled';
			this.#stalls += 1;
			this.#lanes.sent.stall();
			this.#lanes.received.stall();
		});
		return () => {
			const was = state;
			state = 'released';
			if (was !== 'stalled') return;
			this.#stalls -= 1;
			this.#lanes.sent.resume();
			this.#lanes.received.resume();
		};
	}

	/** Calls back when the line is over; at once when it is. */
	whenOver(callback: () => void): void {
		if (this.#over) callback();
		else this.#whenOver.push(callback);
	}

	/** The connection is gone: what waits is dropped. */
	close(): void {
		if (this.#over) return;
		this.#over = true;
		this.#lanes.sent.close();
		this.#lanes.received.close();
		for (const callback of this.#whenOver.splice(0)) callback();
	}
}
