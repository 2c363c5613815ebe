import { parse } from 'csv-parse/sync';
import { childrenOf, elementAt, parseXml, textOfChild, xmlTextOf, type XmlElement } from './xml';

/** A file of which a preservation service says what became of it. */
export interface ReportedFile {
	/** Hexadecimal, lower case: SHA-256 (64 digits) or SHA-512 (128 digits). */
	readonly hash: string;
	readonly accepted: boolean;
}

/** A submission report (rapporto di versamento). */
export interface SubmissionReport {
	/** The service's own name for it; absent where it has none. */
	readonly id?: string;
	/** As written. */
	readonly at?: string;
	/** False: the service refused the whole, whatever it says of single files. */
	readonly accepted: boolean;
	readonly files: readonly ReportedFile[];
}

/** Where a report of another kind has what counts. Names of columns, of elements or attributes, or of JSON fields. */
export interface ReportMapping {
	readonly hashField: string;
	readonly outcomeField: string;
	/** Outcomes that mean that a file was taken; capitals do not count. */
	readonly acceptedValues: readonly string[];
}

/**
 * A hash in hexadecimal or base64, by its length; `undefined` for anything else, SHA-1 too: a copy's record has none.
 */
export function hashIn(text: string | undefined): string | undefined {
	const value = text?.trim() ?? '';
	if (/^(?:[0-9a-f]{64}|[0-9a-f]{128})$/i.test(value)) return value.toLowerCase();
	if (!/^(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==)$/.test(value)) return undefined;
	return Buffer.from(value, 'base64').toString('hex');
}

const REPORTS: readonly string[] = [
	'RapportoVersamento',
	'EsitoVersamento',
	'EsitoVersAggAllegati',
];

/** ParER, WSResponseVersamento: a WARNING is taken, with a remark. */
const TAKEN: ReadonlySet<string> = new Set(['POSITIVO', 'WARNING']);

/**
 * ParER's report, or the answer of its service, which says the same. Of hashes that alone counts which the service
 * computed itself (`Hash`), not what it was told (`HashVersato`).
 * @returns `undefined` when it is no such report
 */
export function readParerReport(bytes: Buffer): SubmissionReport | undefined {
	const document = parseXml(bytes, { prefixes: 'dropped' });
	const root = document?.children.find(({ name }) => REPORTS.includes(name));
	// A report that is cut off may lack the refusal.
	if (!root || !document?.isWellFormed) return undefined;
	const outcome = textOfChild(elementAt(root, 'EsitoGenerale'), 'CodiceEsito');
	const files: ReportedFile[] = [];
	collectComponents(root, true, files);
	return present({
		id: textOfChild(root, 'URNRapportoVersamento') ?? textOfChild(root, 'URNSIP'),
		at: textOfChild(root, 'DataRapportoVersamento') ?? textOfChild(root, 'DataVersamento'),
		accepted: outcome !== undefined && TAKEN.has(outcome),
		files,
	});
}

/** A component is refused when it, its document or its unit is. */
function collectComponents(element: XmlElement, isTaken: boolean, files: ReportedFile[]): void {
	const verdicts = ['EsitoUnitaDocumentaria', 'EsitoDocumento', 'EsitoComponente'].flatMap(
		(name) => textOfChild(elementAt(element, name), 'CodiceEsito') ?? [],
	);
	const accepted = isTaken && verdicts.every((verdict) => TAKEN.has(verdict));
	if (element.name === 'Componente') {
		const hash = hashIn(textOfChild(element, 'Hash'));
		if (hash !== undefined) files.push({ hash, accepted });
	}
	for (const child of element.children) collectComponents(child, accepted, files);
}

/**
 * A report of another service: CSV, XML or JSON, told by its content. Without an outcome a file counts as refused: what a
 * report does not say nobody knows.
 * @returns `undefined` when it cannot be read
 */
export function readMappedReport(
	bytes: Buffer,
	mapping: ReportMapping,
): SubmissionReport | undefined {
	const entries = entriesOf(bytes, mapping);
	if (!entries) return undefined;
	const values = new Set(mapping.acceptedValues.map((value) => value.trim().toLowerCase()));
	const files = entries.flatMap(({ hash: text, outcome }) => {
		const hash = hashIn(text);
		const accepted = values.has((outcome ?? '').trim().toLowerCase());
		return hash === undefined ? [] : [{ hash, accepted }];
	});
	return { accepted: true, files };
}

interface Entry {
	readonly hash: string;
	readonly outcome: string | undefined;
}

function entriesOf(bytes: Buffer, mapping: ReportMapping): Entry[] | undefined {
	const beginning = xmlTextOf(bytes.subarray(0, 1024))
		.replace(/^\ufeff/, '')
		.trimStart();
	if (beginning.startsWith('<')) return entriesOfXml(bytes, mapping);
	if (/^[[{]/.test(beginning)) return entriesOfJson(bytes, mapping);
	return entriesOfCsv(bytes, mapping);
}

function entriesOfXml(bytes: Buffer, mapping: ReportMapping): Entry[] | undefined {
	const document = parseXml(bytes, { prefixes: 'dropped' });
	if (!document?.isWellFormed) return undefined;
	const entries: Entry[] = [];
	const valuesOf = (element: XmlElement, name: string): string[] => {
		const attribute = element.attributes[name];
		const children = childrenOf(element, name).map(({ text }) => text);
		return attribute === undefined ? children : [attribute, ...children];
	};
	const visit = (element: XmlElement, inherited: string | undefined): void => {
		const outcome = valuesOf(element, mapping.outcomeField)[0] ?? inherited;
		for (const hash of valuesOf(element, mapping.hashField)) entries.push({ hash, outcome });
		for (const child of element.children) visit(child, outcome);
	};
	visit(document, undefined);
	return entries;
}

function entriesOfJson(bytes: Buffer, mapping: ReportMapping): Entry[] | undefined {
	const entries: Entry[] = [];
	const visit = (value: unknown, inherited: string | undefined): void => {
		if (Array.isArray(value)) {
			for (const each of value) visit(each, inherited);
		} else if (typeof value === 'object' && value !== null) {
			const fields = new Map<string, unknown>(Object.entries(value));
			const own = fields.get(mapping.outcomeField);
			const outcome = own === undefined || own === null ? inherited : String(own);
			const hash = fields.get(mapping.hashField);
			if (typeof hash === 'string') entries.push({ hash, outcome });
			for (const each of fields.values()) visit(each, outcome);
		}
	};
	try {
		visit(JSON.parse(xmlTextOf(bytes).replace(/^\ufeff/, '')), undefined);
		return entries;
	} catch {
		return undefined;
	}
}

function entriesOfCsv(bytes: Buffer, mapping: ReportMapping): Entry[] | undefined {
	try {
		const rows = parse(xmlTextOf(bytes), {
			bom: true,
			columns: true,
			delimiter: [';', ',', '\t'],
			skip_empty_lines: true,
			trim: true,
		}) as Array<Record<string, string>>;
		return rows.flatMap((row) => {
			const hash = row[mapping.hashField];
			return hash === undefined ? [] : [{ hash, outcome: row[mapping.outcomeField] }];
		});
	} catch {
		return undefined;
	}
}

function present(report: {
	id: string | undefined;
	at: string | undefined;
	accepted: boolean;
	files: readonly ReportedFile[];
}): SubmissionReport {
	const { id, at, accepted, files } = report;
	return {
		accepted,
		files,
		...(id === undefined ? {} : { id }),
		...(at === undefined ? {} : { at }),
	};
}
