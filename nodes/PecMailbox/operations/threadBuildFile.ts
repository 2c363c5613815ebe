import type { OperationTools, Output } from '../../n8n/operations';
import { eachItemInTurn, type Operation } from '../../n8n/operations';
import { filesOfFolder } from '../../account/evidenceFiles';
import { chosenThreads, type ThreadChoice } from '../../account/threads';
import type { EvidenceFile } from '../../pec/evidenceHtml';
import { evidenceFolders, splitFolders, type EvidenceFolder } from '../../pec/evidencePlan';
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

/** What proves a sending, or all of a mailing, one folder a recipient; one item for each ZIP. */
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
		const folders = evidenceFolders(threads, account);
		if (folders.length === 0) throw nothingKnown();
		const parts = splitFolders(folders, asked.partLimit);
		for (const [index, part] of parts.entries()) {
			const name = nameOf(folders, asked.choice, { index, count: parts.length });
			yield await buildPart(part, { name, asked, index, count: parts.length }, tools, itemIndex);
		}
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
	folders: readonly EvidenceFolder[],
	of: { name: string; asked: Asked; index: number; count: number },
	tools: OperationTools,
	itemIndex: number,
): Promise<Output> {
	const { name, asked, index, count } = of;
	const files: EvidenceFile[] = [];
	const context = {
		imap: await tools.account.imap(),
		account: tools.account.settings.address,
		trust: tools.account.trust,
		now: tools.now(),
		language: asked.language,
	};
	const packed = async function* (): AsyncGenerator<FileToPack, void> {
		for (const folder of folders) {
			yield* filesOfFolder(folder, context, (file) => files.push(file), tools.signal);
		}
	};
	const zip = await storeZip(name, packed(), tools);
	return {
		itemIndex,
		json: {
			evidenceFile: {
				part: index + 1,
				parts: count,
				file: zip.facts,
				complete: folders.every(isComplete),
				folders: folders.map((folder) => folderJson(folder)),
				files,
			},
		},
		binary: { [asked.field]: zip.file },
	};
}

function isComplete({ missing, elsewhere, files }: EvidenceFolder): boolean {
	return missing.length === 0 && elsewhere.length === 0 && files.length > 0;
}

function folderJson(folder: EvidenceFolder): object {
	const { name, correspondent, thread, missing, elsewhere } = folder;
	const { direction, messageId, mailing, rowKey, subject, state } = thread;
	return presentFields({
		folder: name,
		...(direction === 'sent' ? { recipient: correspondent } : { sender: correspondent }),
		messageId,
		mailing,
		rowKey,
		subject,
		state,
		complete: isComplete(folder),
		missing,
		elsewhere:
			elsewhere.length === 0
				? undefined
				: elsewhere.map(({ role, pecKey, copy }) => ({ role, pecKey, ...copy })),
	});
}
