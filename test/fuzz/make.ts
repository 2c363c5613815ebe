import { bendAsn1 } from './asn1.ts';
import { DATICERT_BENDS, DATICERT_BLOW_UPS } from './bendDaticert.ts';
import { HEADER_BENDS, HEADER_BLOW_UPS, type Bend } from './bendHeader.ts';
import { PART_BENDS, PART_BLOW_UPS } from './bendParts.ts';
import { BLOW_UPS, BYTE_CHANGES, type TextChange } from './bytes.ts';
import { signAgain, type Desk } from './desk.ts';
import { base64Lines, readEntity, writeEntity, type Entity } from './entity.ts';
import type { Random } from './random.ts';
import { SIGNED_AT } from '../pec/testSigners.ts';
import { ber, writeSignedFile } from '../pec/signedFiles.ts';

/** A message to be read, and all that is known of it. */
export interface Made {
	readonly raw: Buffer;
	/** Contents that were truly signed and may be in it, one character a byte; absent: it is not known. */
	readonly signed?: readonly string[];
	/** What was done, in order. */
	readonly recipe: readonly string[];
	readonly receivedAt?: Date;
	/** A signed file, bent as well. */
	readonly p7m: Buffer;
}

const HOUR = 60 * 60 * 1000;
/** One of so many messages is blown up. */
const BLOWN_UP = 1 / 80;

type Named<T> = readonly (readonly [string, T])[];

const BENDS: Named<Bend>[] = [HEADER_BENDS, PART_BENDS, DATICERT_BENDS].map(Object.entries);
const LARGE_BENDS: Named<Bend> = Object.entries({
	...HEADER_BLOW_UPS,
	...PART_BLOW_UPS,
	...DATICERT_BLOW_UPS,
});
const CHANGES: Named<TextChange> = Object.entries(BYTE_CHANGES);
const LARGE_CHANGES: Named<TextChange> = Object.entries(BLOW_UPS);

class Maker {
	readonly recipe: string[] = [];
	readonly #desk: Desk;
	readonly #random: Random;

	constructor(desk: Desk, random: Random) {
		this.#desk = desk;
		this.#random = random;
	}

	make(): Made {
		const random = this.#random;
		const seed = random.pick(this.#desk.seeds);
		this.recipe.push(seed.name);
		const signed = seed.signed === undefined ? [] : [seed.signed];
		const root = readEntity(seed.text);
		const large = random.chance(BLOWN_UP);
		if (random.chance(0.7)) this.#bend(root, random.pick([1, 1, 2, 4]));
		if (large && random.chance(0.6)) this.#bendBy(root, LARGE_BENDS);
		if (random.chance(0.4)) {
			const content = signAgain(root, this.#desk, random);
			if (content !== undefined) {
				signed.push(content);
				this.recipe.push('signed again');
			}
		}
		if (random.chance(0.3)) this.#bend(root, 1);
		if (random.chance(0.15)) this.#bendSignature(root);
		let text = writeEntity(root);
		if (random.chance(0.35)) {
			for (let times = random.pick([1, 1, 2, 5]); times > 0; times -= 1) {
				text = this.#change(text, CHANGES);
			}
		}
		if (large && random.chance(0.4)) text = this.#change(text, LARGE_CHANGES);
		const hours = random.pick([0, 1, 30, 100, -100]);
		return {
			raw: Buffer.from(text, 'latin1'),
			signed,
			recipe: this.recipe,
			...(random.chance(0.3) ? { receivedAt: new Date(SIGNED_AT.getTime() + hours * HOUR) } : {}),
			p7m: this.#signedFile(),
		};
	}

	#bend(root: Entity, times: number): void {
		for (let left = times; left > 0; left -= 1) this.#bendBy(root, this.#random.pick(BENDS));
	}

	#bendBy(root: Entity, bends: Named<Bend>): void {
		const [name, bend] = this.#random.pick(bends);
		this.recipe.push(name);
		bend(root, this.#random);
	}

	#change(text: string, changes: Named<TextChange>): string {
		const [name, change] = this.#random.pick(changes);
		this.recipe.push(name);
		return change(text, this.#random);
	}

	#bendSignature(root: Entity): void {
		const signature = root.parts[1];
		if (!signature) return;
		const der = Buffer.from(signature.body, 'base64');
		const told = (name: string): void => void this.recipe.push(`signature: ${name}`);
		signature.body = base64Lines(bendAsn1(der, this.#random, told));
	}

	#signedFile(): Buffer {
		const random = this.#random;
		const form = random.pick(['definite', 'long', 'indefinite'] as const);
		let file: Buffer = Buffer.from('contenuto');
		for (let depth = random.pick([0, 1, 1, 2, 3, 12]); depth > 0; depth -= 1) {
			const octets = random.chance(0.05) ? undefined : ber(0x04, file, 'definite');
			file = writeSignedFile(octets, form);
		}
		if (random.chance(0.4)) file = bendAsn1(file, random, () => undefined);
		if (random.chance(0.2)) file = Buffer.from(base64Lines(file));
		if (!random.chance(0.2)) return file;
		return Buffer.from(random.pick(CHANGES)[1](file.toString('latin1'), random), 'latin1');
	}
}

/** The same message for the same desk and the same random choices. */
export function makeMessage(desk: Desk, random: Random): Made {
	return new Maker(desk, random).make();
}
