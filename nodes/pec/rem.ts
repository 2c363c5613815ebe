import { contentOf, fileNameOf } from './content';
import type { MimePart } from './mime';
import { xmlTextOf } from './xml';

/** ETSI EN 319 522 and its predecessor TS 102 640: the namespace is all that is confirmed of REM messages. */
const EVIDENCE_NAMESPACES: ReadonlySet<string> = new Set([
	'http://uri.etsi.org/19522/v1#',
	'http://uri.etsi.org/02640/v2#',
]);

const EVIDENCE_LIMIT = 1024 * 1024;
const PROLOG_LIMIT = 4 * 1024;

/** Whether a part is the XML evidence of European registered e-mail (REM), by its root element's namespaces. */
export function isRemEvidence(part: MimePart): boolean {
	const isXml =
		/^(?:application|text)\/(?:.+\+)?xml$/.test(part.type) ||
		fileNameOf(part)?.toLowerCase().endsWith('.xml');
	if (!isXml || part.end - part.bodyStart > EVIDENCE_LIMIT) return false;
	const text = xmlTextOf(contentOf(part).subarray(0, PROLOG_LIMIT));
	const root = /<[A-Za-z_](?:[^<>"']|"[^"]*"|'[^']*')*>/.exec(text)?.[0] ?? '';
	return [...root.matchAll(/\sxmlns(?::[^\s=]+)?\s*=\s*["']([^"']*)["']/g)].some(
		([, namespace]) => namespace !== undefined && EVIDENCE_NAMESPACES.has(namespace),
	);
}
