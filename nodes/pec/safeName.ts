/** Of one step of a path; with folders above it a path stays below Windows' 260. */
const STEP_LIMIT = 60;

/** Windows takes these for devices, whatever extension follows (learn.microsoft.com, Naming Files). */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/**
 * A step of a path that every file system, ZIP program and SFTP server takes as it is: ASCII letters without accents,
 * digits, `.`, `_`, `-`, `@` and `+`. Never empty, never `..`, no path inside.
 */
export function safeStep(text: string, fallback = 'senza-nome', limit = STEP_LIMIT): string {
	const plain = text
		.normalize('NFKD')
		// Accents that were set apart, and what is not seen.
		.replace(/[\p{M}\p{Cf}]+/gu, '')
		.replace(/[^A-Za-z0-9._@+-]+/g, '-');
	const trimmed = trimDots(plain).slice(0, limit);
	// Cutting may leave another dot at the end, which Windows drops.
	const step = trimDots(trimmed) || fallback;
	return RESERVED.test(step) ? `_${step}` : step;
}

function trimDots(step: string): string {
	return step.replace(/^[.-]+|[.-]+$/g, '');
}

/** Names that are told apart also where capitals do not count: one that was given out before gets a number. */
export class UniqueNames {
	readonly #taken = new Set<string>();

	/** @param name a safe one; its extension is kept at its end */
	take(name: string): string {
		const [, stem = name, extension = ''] = /^(.+?)(\.[A-Za-z0-9]{1,8})?$/.exec(name) ?? [];
		let unique = name;
		for (let number = 2; this.#taken.has(unique.toLowerCase()); number += 1) {
			unique = `${stem}-${number}${extension}`;
		}
		this.#taken.add(unique.toLowerCase());
		return unique;
	}
}
