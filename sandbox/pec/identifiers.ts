import { romeTime } from './romeTime.ts';

/**
 * `opec2941.20260131233012.00001.1.1.1@…`, or four groups of hexadecimal digits as in
 * `1A2B3C4D.00000001.5E6F7A8B.9C0D1E2F.posta-certificata@…`.
 */
export type IdentifierShape = 'opec' | 'postecert';

/** The identifiers a provider gives out, shaped like those of real ones. */
export class Identifiers {
	readonly #prefix: string;
	readonly #process: string;
	readonly #domain: string;
	readonly #random: (bytes: number) => Buffer;
	readonly #shape: IdentifierShape;
	#drawn: Buffer = Buffer.of();
	#serial = 0;

	/** @param options.process tells two runs with the same clock apart, 0 to 99999 */
	constructor(options: {
		host: number;
		process: number;
		domain: string;
		random: (bytes: number) => Buffer;
		shape: IdentifierShape;
	}) {
		this.#prefix = `opec${options.host}`;
		this.#process = String(options.process).padStart(5, '0');
		this.#domain = options.domain;
		this.#random = options.random;
		this.#shape = options.shape;
	}

	/** The PEC msgid of an envelope (RFC 6109 2.2.1), without angle brackets. */
	envelope(at: Date): string {
		if (this.#shape === 'postecert') return this.#groups();
		const { hundreds, ones } = this.#next();
		return `${this.#stem(at)}.${hundreds}.1.${ones}@${this.#domain}`;
	}

	/** The Message-ID of a receipt, without angle brackets: never that of an envelope, it has a number more. */
	receipt(at: Date): string {
		if (this.#shape === 'postecert') return this.#groups();
		const { hundreds, ones } = this.#next();
		return `${this.#stem(at)}.${hundreds}.1.${ones}.1@${this.#domain}`;
	}

	/** For LMTP and SMTP trace lines. */
	queueId(): string {
		return this.#draw(6).toUpperCase();
	}

	/** A multipart boundary that no sender can guess and place into his message. */
	boundary(at: Date): string {
		const seconds = Math.floor(at.getTime() / 1000);
		return `----------=_${seconds}-${this.#process}-${this.#draw(8)}`;
	}

	signatureBoundary(): string {
		return `----${this.#draw(16).toUpperCase()}`;
	}

	/** Hexadecimal. Drawn in stock: asking the system each time costs more than all else here. */
	#draw(bytes: number): string {
		if (this.#drawn.length < bytes) this.#drawn = this.#random(4096);
		const drawn = this.#drawn.toString('hex', 0, bytes);
		this.#drawn = this.#drawn.subarray(bytes);
		return drawn;
	}

	#groups(): string {
		const serial = (this.#serial++).toString(16).padStart(8, '0');
		const [first, third, fourth] = [0, 1, 2].map(() => this.#draw(4));
		return `${[first, serial, third, fourth].join('.').toUpperCase()}.posta-certificata@${this.#domain}`;
	}

	#stem(at: Date): string {
		return `${this.#prefix}.${romeTime(at).stamp}.${this.#process}`;
	}

	#next(): { hundreds: number; ones: number } {
		const serial = this.#serial++;
		return { hundreds: Math.floor(serial / 100) + 1, ones: (serial % 100) + 1 };
	}
}
