import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Made } from './make.ts';

/** What is kept beside a message's bytes. */
interface Beside {
	readonly recipe: readonly string[];
	readonly signed?: readonly string[];
	readonly receivedAt?: string;
	/** Base64. */
	readonly p7m: string;
}

const besideOf = (file: string): string => file.replace(/(?:\.least)?\.eml$/, '.json');
const CA = 'ca.pem';

/** The CAs that everything kept in this folder was signed below. */
export function keepIssuers(folder: string, issuers: readonly string[]): void {
	writeFileSync(join(folder, CA), issuers.join('\n'));
}

/** @returns the file with the message's bytes */
export function keep(folder: string, name: string, made: Made): string {
	const file = join(folder, `${name}.eml`);
	const { raw, p7m, ...rest } = made;
	writeFileSync(file, raw);
	writeFileSync(besideOf(file), JSON.stringify({ ...rest, p7m: p7m.toString('base64') }));
	return file;
}

/** The same without some of its bytes. */
export function keepLeast(file: string, raw: Buffer): void {
	writeFileSync(file.replace(/\.eml$/, '.least.eml'), raw);
}

/** What was kept, and the CAs it was signed below; of a message alone, the message alone. */
export function readKept(file: string): { made: Made; issuers: string[] } {
	const raw = readFileSync(file);
	const ca = join(dirname(file), CA);
	const issuers = existsSync(ca) ? [readFileSync(ca, 'utf8')] : [];
	const beside = besideOf(file);
	if (beside === file || !existsSync(beside)) {
		return { made: { raw, recipe: [], p7m: Buffer.alloc(0) }, issuers };
	}
	const { recipe, signed, receivedAt, p7m } = JSON.parse(readFileSync(beside, 'utf8')) as Beside;
	const made: Made = {
		raw,
		recipe,
		p7m: Buffer.from(p7m, 'base64'),
		...(signed ? { signed } : {}),
		...(receivedAt === undefined ? {} : { receivedAt: new Date(receivedAt) }),
	};
	return { made, issuers };
}
