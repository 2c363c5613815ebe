import type { SubmissionReport } from '../pec/submissionReport';
import type { CopyRecord, HandOverReport } from '../pec/types';
import type { Records } from './records';

/** What a report did to the records of copies. */
export interface HandedOver {
	readonly raised: readonly CopyRecord[];
	/** This report had raised them before. */
	readonly already: readonly CopyRecord[];
	/** Hashes of files of which no checked copy is recorded. */
	readonly notFound: readonly string[];
	/** Hashes of files that the service refused, or with which it refused the whole. */
	readonly refused: readonly string[];
}

/**
 * Raises to `handedOver` the records of checked copies that a report names by their hash and says were taken. It makes
 * no record: what was never compared with the server's bytes stays without one.
 * @throws MailError, RecordsError
 */
export async function handOver(
	records: Records,
	report: SubmissionReport,
	about: HandOverReport,
): Promise<HandedOver> {
	// Named twice, and refused once, is refused.
	const refused = new Set(
		report.files.filter(({ accepted }) => !accepted || !report.accepted).map(({ hash }) => hash),
	);
	const accepted = new Set(
		report.files.map(({ hash }) => hash).filter((hash) => !refused.has(hash)),
	);
	const byHash = new Map<string, CopyRecord>();
	for (const copy of (await records.readCopies()).values()) {
		byHash.set(copy.sha256, copy);
		if (copy.sha512 !== undefined) byHash.set(copy.sha512, copy);
	}
	const raised = new Map<string, CopyRecord>();
	const already = new Map<string, CopyRecord>();
	const notFound: string[] = [];
	for (const hash of accepted) {
		const copy = byHash.get(hash);
		if (!copy) notFound.push(hash);
		else if (copy.report?.id === about.id) already.set(copy.pecKey, copy);
		else raised.set(copy.pecKey, { ...copy, level: 'handedOver', report: about });
	}
	await records.writeCopies([...raised.values()]);
	return {
		raised: [...raised.values()],
		already: [...already.values()],
		notFound,
		refused: [...refused],
	};
}
