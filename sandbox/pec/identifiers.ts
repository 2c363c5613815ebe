import { romeTime } from './romeTime.ts';

/** The identifiers a provider gives out, shaped like those of the PEC providers' common software. */
export class Identifiers {
	readonly #prefix: string;
	readonly #process: string;
	readonly #domain: string;
	readonly #random: (bytes: number) => Buffer;
	#serial = 0;

	/** @param options.process tells two runs with the same clock apart, 0 to 99999 */
	constructor(options: {
		host: number;
		process: number;
		domain: string;
		random: (bytes: number) => Buffer;
	}) {
		this.#prefix = `opec${options.host}`;
		this.#process = String(options.process).padStart(5, '0');
		this.#domain = options.domain;
		this.#random = options.random;
	}

	/** The PEC msgid of an envelope (RFC 6109 2.2.1), without angle brackets. */
	envelope(at: Date): string {
		const { hundreds, ones } = this.#next();
		return `${this.#stem(at)}.${hundreds}.1.${ones}@${this.#domain}`;
	}

	/** The Message-ID of a receipt, without angle brackets: never that of an envelope, it has a number more. */
	receipt(at: Date): string {
		const { hundreds, ones } = this.#next();
		return `${this.#stem(at)}.${hundreds}.1.${ones}.1@${this.#domain}`;
	}

	/** For LMTP and SMTP trace lines. */
	queueId(): string {
		return this.#random(6).toString('hex').toUpperCase();
	}

	/** A multipart boundary that no sender can guess and place into his message. */
	boundary(at: Date): string {
		const seconds = Math.floor(at.getTime() / 1000);
		return `----------=_${seconds}-${this.#process}-${this.#random(8).toString('hex')}`;
	}

	signatureBoundary(): string {
		return `----${this.#random(16).toString('hex').toUpperCase()}`;
	}

	#stem(at: Date): string {
		return `${this.#prefix}.${romeTime(at).stamp}.${this.#process}`;
	}

	#next(): { hundreds: number; ones: number } {
		const serial = this.#serial++;
		return { hundreds: Math.floor(serial / 100) + 1, ones: (serial % 100) + 1 };
	}
}
