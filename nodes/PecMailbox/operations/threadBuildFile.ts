import type { OperationTools, Output } from '../../n8n/operations';
import { eachItemInTurn, type Operation } from '../../n8n/operations';
import { filesOfFolders } from '../../account/evidenceFiles';
import { chosenThreads, type ThreadChoice } from '../../account/threads';
import type { PackedFolder } from '../../pec/evidenceHtml';
import {
	evidenceFolders,
	isWholeFolder,
	splitFolders,
	SUMMARY_NAME,
	type EvidenceFolder,
} from '../../pec/evidencePlan';
import { evidenceSummary } from '../../pec/evidenceSummary';
import type { EvidenceLanguage } from '../../pec/evidenceWords';
import { presentFields } from '../../pec/presentFields';
import { safeStep } from '../../pec/safeName';
import type { FileToPack } from '../../pec/zipWriter';
import { partLimitOf, storeZip } from './storeZip';
import { readThreadChoice } from './threadChoice';
import { nothingKnown } from './threadGet';

interface Asked {
	readonly choice: ThreadChoice;
	readonly field: string;
	readonly language: EvidenceLanguage;
	readonly partLimit: number;
}

/** What proves a sending, or all of a mailing, one folder a recipient; one item for each ZIP: all of them or none. */
export const threadBuildFile: Operation = eachItemInTurn<Asked, OperationTools>(
	(item) => {
		const options = item.collection('options');
		return {
			choice: readThreadChoice(item),
			field: item.text('outputField', 'Put Output File in Field'),
			language: options.language === 'en' ? 'en' : 'it',
			partLimit: partLimitOf(options.splitAt),
		};
	},
	async function* (asked, tools, itemIndex) {
		const account = tools.account.settings.address;
		const imap = await tools.account.imap();
		const records = await tools.account.records();
		const threads = await chosenThreads({ imap, records, account }, asked.choice);
		const now = tools.now();
		const folders = evidenceFolders(threads, { account, now });
		if (folders.length === 0) throw nothingKnown();
		const parts = splitFolders(folders, asked.partLimit);
		// A part that goes out although another one fails would pass for the file.
		const outputs: Output[] = [];
		for (const index of parts.keys()) {
			tools.signal?.throwIfAborted();
			tools.progress(`Evidence file ${index + 1} of ${parts.length}`);
			const name = nameOf(folders, asked.choice, { index, count: parts.length });
			outputs.push(await buildPart({ name, asked, parts, index, now }, tools, itemIndex));
		}
		yield* outputs;
	},
);

function nameOf(
	folders: readonly EvidenceFolder[],
	choice: ThreadChoice,
	{ index, count }: { index: number; count: number },
): string {
	const whole = folders.length > 1 && 'mailing' in choice ? choice.mailing : folders[0]?.name;
	const part = count === 1 ? '' : `_${index + 1}-di-${count}`;
	return `${safeStep(`fascicolo_${whole ?? ''}`)}${part}.zip`;
}

async function buildPart(
	of: {
		readonly name: string;
		readonly asked: Asked;
		readonly parts: ReadonlyArray<readonly EvidenceFolder[]>;
		readonly index: number;
		readonly now: Date;
	},
	tools: OperationTools,
	itemIndex: number,
): Promise<Output> {
	const { name, asked, parts, index, now } = of;
	const { language } = asked;
	const packed: PackedFolder[] = [];
	const context = {
		imap: await tools.account.imap(),
		account: tools.account.settings.address,
		trust: tools.account.trust,
		now,
		language,
	};
	const files = async function* (): AsyncGenerator<FileToPack, void> {
		const folders = parts[index] ?? [];
		yield* filesOfFolders(folders, context, (folder) => packed.push(folder), tools.signal);
		const content = evidenceSummary({ parts, index, packed, language, now });
		yield { path: SUMMARY_NAME, content };
	};
	const zip = await storeZip(name, files(), { tools, day: now });
	return {
		itemIndex,
		json: {
			evidenceFile: {
				part: index + 1,
				parts: parts.length,
				file: zip.facts,
				complete: packed.every(({ folder }) => isWholeFolder(folder)),
				folders: packed.map(({ folder }) => folderJson(folder)),
				files: packed.flatMap(({ folder, files: own }) =>
					own.map((file) => ({ ...file, path: `${folder.name}/${file.path}` })),
				),
			},
		},
		binary: { [asked.field]: zip.file },
	};
}

function folderJson(folder: EvidenceFolder): object {
	const { name, correspondent, thread, outcome, missing, elsewhere } = folder;
	const { direction, messageId, mailing, rowKey, subject, state } = thread;
	return presentFields({
		folder: name,
		...(direction === 'sent' ? { recipient: correspondent } : { sender: correspondent }),
		messageId,
		mailing,
		rowKey,
		subject,
		state,
		outcome: outcome?.state,
		reason: outcome?.error?.reason,
		deliveredAt: outcome?.deliveredAt,
		complete: isWholeFolder(folder),
		missing,
		elsewhere:
			elsewhere.length === 0
				? undefined
				: elsewhere.map(({ role, pecKey, copy }) => ({ role, pecKey, ...copy })),
	});
}
