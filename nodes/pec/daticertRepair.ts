/** daticert.dtd: each element and the one it stands in. */
const PARENTS: ReadonlyMap<string, string> = new Map([
	['postacert', ''],
	['intestazione', 'postacert'],
	['mittente', 'intestazione'],
	['destinatari', 'intestazione'],
	['risposte', 'intestazione'],
	['oggetto', 'intestazione'],
	['dati', 'postacert'],
	['gestore-emittente', 'dati'],
	['data', 'dati'],
	['giorno', 'data'],
	['ora', 'data'],
	['identificativo', 'dati'],
	['msgid', 'dati'],
	['ricevuta', 'dati'],
	['consegna', 'dati'],
	['ricezione', 'dati'],
	['errore-esteso', 'dati'],
]);

const CONTAINERS: ReadonlySet<string> = new Set(PARENTS.values());

const TAG = /<(\/?)([a-z][a-z-]*)((?:\s[^<>]*)?)>/g;

/**
 * Puts damaged certification data into the order of the DTD, so that an XML parser reads what is left of it: a tag that
 * was lost is added, at the end those that a cut took away, and what is no tag of the DTD becomes text. Nothing is added
 * to what the elements say. Linear in the text.
 * @returns the root element, without anything before it; empty when none of the elements is there
 */
export function repairedDaticert(text: string): string {
	const open: string[] = [];
	let repaired = '';
	const closeTo = (depth: number): void => {
		while (open.length > depth) repaired += `</${open.pop() ?? ''}>`;
	};
	const add = (between: string): void => {
		if (open.length > 0) repaired += between.replaceAll('<', '&lt;');
	};
	let from = 0;
	for (const tag of text.matchAll(TAG)) {
		const [whole, slash, name = '', attributes = ''] = tag;
		const parent = PARENTS.get(name);
		if (parent === undefined) continue;
		add(text.slice(from, tag.index));
		from = tag.index + whole.length;
		if (slash === '/') {
			const at = open.lastIndexOf(name);
			if (at !== -1) closeTo(at);
			continue;
		}
		const within = open.lastIndexOf(parent);
		if (within === -1 && parent !== '') {
			// An element where it does not belong is left out, and what it says is not its neighbour's.
			if (!CONTAINERS.has(open.at(-1) ?? '')) closeTo(open.length - 1);
			continue;
		}
		closeTo(within + 1);
		repaired += `<${name}${attributes.replace(/\/$/, '')}>`;
		open.push(name);
		if (attributes.endsWith('/')) closeTo(open.length - 1);
	}
	// A tag that was cut in two says nothing.
	add(text.slice(from).replace(/<[^<>]*$/, ''));
	closeTo(0);
	return repaired;
}
