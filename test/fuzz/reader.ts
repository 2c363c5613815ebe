import { pathToFileURL } from 'node:url';
import type { readPecHeaders, readPecMessage } from '../../nodes/pec/message.ts';
import type { unwrapP7m } from '../../nodes/pec/p7m.ts';

/** What is tried. */
export interface Reader {
	readonly readPecMessage: typeof readPecMessage;
	readonly readPecHeaders: typeof readPecHeaders;
	readonly unwrapP7m: typeof unwrapP7m;
}

/** @param file another module in place of nodes/pec, which brings what it has of the three */
export async function loadReader(file: string | undefined): Promise<Reader> {
	const { readPecHeaders, readPecMessage } = await import('../../nodes/pec/message.ts');
	const { unwrapP7m } = await import('../../nodes/pec/p7m.ts');
	const own = { readPecHeaders, readPecMessage, unwrapP7m };
	if (file === undefined) return own;
	return { ...own, ...((await import(pathToFileURL(file).href)) as Partial<Reader>) };
}
