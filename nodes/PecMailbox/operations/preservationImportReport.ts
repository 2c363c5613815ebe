import { eachItem, type Operation } from '../../n8n/operations';
import { toList } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { handOver } from '../../account/handedOver';
import { presentFields } from '../../pec/presentFields';
import {
	readMappedReport,
	readParerReport,
	type ReportMapping,
	type SubmissionReport,
} from '../../pec/submissionReport';
import { sha256Of } from '../../pec/sha256';
import type { CopyRecord } from '../../pec/types';

interface Asked {
	readonly bytes: Buffer;
	readonly mapping: ReportMapping | undefined;
}

/** Takes over what a preservation service says it received: raises the checked copies that its report names. */
export const preservationImportReport: Operation = eachItem<Asked>(
	async (item) => {
		const { content } = await item.file(item.text('binaryField', 'Input Binary Field'));
		const isMapped = item.choice('reportFormat', 'Report Format', ['parer', 'mapped']) === 'mapped';
		return {
			bytes: content,
			mapping: isMapped
				? {
						hashField: item.text('hashField', 'Field of the Hash'),
						outcomeField: item.text('outcomeField', 'Field of the Outcome'),
						acceptedValues: toList(item.text('acceptedValues', 'Outcomes That Mean Accepted')),
					}
				: undefined,
		};
	},
	async ({ bytes, mapping }, tools, itemIndex) => {
		const report = mapping ? readMappedReport(bytes, mapping) : readParerReport(bytes);
		if (!report) throw noReport(mapping !== undefined);
		if (report.files.length === 0 && report.accepted) throw noHashes(mapping !== undefined);
		const id = report.id ?? `sha256:${sha256Of(bytes)}`;
		const importedAt = tools.now().toISOString();
		const { at } = report;
		const done = await handOver(
			await tools.account.records(),
			report,
			presentFields({ id, at, importedAt }),
		);
		return [
			{
				itemIndex,
				json: {
					report: presentFields({
						id,
						at,
						importedAt,
						outcome: outcomeOf(report),
						raised: done.raised.map(copyJson),
						already: done.already.map(copyJson),
						notFound: done.notFound,
						refused: done.refused,
					}),
				},
			},
		];
	},
);

function outcomeOf({ accepted, files }: SubmissionReport): 'accepted' | 'partly' | 'refused' {
	const taken = accepted ? files.filter((file) => file.accepted).length : 0;
	if (taken === 0) return 'refused';
	return taken === files.length ? 'accepted' : 'partly';
}

function copyJson({
	pecKey,
	sha256,
	size,
	location,
	checkedAt,
	method,
	level,
}: CopyRecord): object {
	return { pecKey, sha256, size, location, checkedAt, method, level };
}

function noReport(isMapped: boolean): UserError {
	return new UserError(
		'The file cannot be read as a submission report',
		isMapped
			? 'Report Format takes CSV, XML or JSON. Check that the file is whole, and is the report.'
			: 'It is no report in the format of ParER, or is cut off. For another service choose the other Report Format, and name its fields.',
	);
}

function noHashes(isMapped: boolean): UserError {
	return new UserError(
		'The report names no SHA-256 or SHA-512 hash',
		isMapped
			? 'Check Field of the Hash: it must be written exactly as in the report, capitals included.'
			: 'Ask the preservation service for SHA-256: a SHA-1 hash is not enough to tell a copy by.',
	);
}
