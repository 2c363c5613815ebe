import { createHash } from 'node:crypto';
import type { ItemValues, Operation, OperationTools, Output } from '../../n8n/operations';
import { allItems } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { readHint } from '../../n8n/locate';
import { NotGiven } from '../../mail/notGiven';
import { payloadOf } from '../../account/packagePayload';
import { MOST_REFUSED } from '../../account/wholeMessages';
import { allThreads, threadsOfMessages } from '../../account/threads';
import type { WantedMessage } from '../../account/hintedFolders';
import { allegato5Of } from '../../pec/allegato5';
import { filesOfBag, type BaggedFile } from '../../pec/bagit';
import { fileFacts, indexCsv, indexJson, indexOf } from '../../pec/packageIndex';
import {
	planPackage,
	type PackagePlan,
	type PlannedFile,
	type PlannedPart,
} from '../../pec/packagePlan';
import { AGENT_ID, pindexOf, type PackageOwner } from '../../pec/pindex';
import { safeStep } from '../../pec/safeName';
import { threadFacts } from '../../pec/thread';
import { SOFTWARE } from '../../pec/software';
import { leftOutFacts, tellLeftOut, type FoundForPackage, type Refused } from './packageLeftOut';
import { isWithin, readTimes, type Period } from './period';
import { partLimitOf, storeZip } from './storeZip';

interface Asked {
	readonly period: Omit<Period, 'folder'> | undefined;
	readonly field: string;
	readonly owner: Omit<PackageOwner, 'name'> & { readonly name: string };
	readonly name: string;
	readonly partLimit: number;
	readonly includeIncomplete: boolean;
	readonly leaveOutHandedOver: boolean;
}

interface Package {
	readonly id: string;
	readonly name: string;
	readonly plan: PackagePlan;
	readonly leftOut: readonly object[];
	readonly asked: Asked;
	readonly now: Date;
}

/** Whole threads as BagIt packages, one item for each ZIP: all of them or none. */
export const preservationBuildPackage: Operation = allItems<Asked, WantedMessage | undefined>(
	readAsked,
	(item) =>
		item.choice('threadsFrom', 'Sendings and Messages', ['period', 'items']) === 'items'
			? { pecKey: item.text('pecKey', 'PEC Key'), ...readHint(item) }
			: undefined,
	async function* (asked, items, tools) {
		const { threads, ...others } = await chosen(asked, items, tools);
		const { address: account } = tools.account.settings;
		const now = tools.now();
		const refused: Refused[] = [];
		const notPacked = { ...others, refused };
		for (;;) {
			const given = threads.filter((each) => !refused.some(({ thread }) => thread === each));
			const plan = planPackage(given, { account, ...asked });
			const built: Package = {
				id: idOf(plan, now),
				name: nameOf(asked, account, now),
				plan,
				leftOut: leftOutFacts(plan, notPacked),
				asked,
				now,
			};
			// Nothing but refusals: an empty package would pass for a month without messages.
			if (refused[0] && plan.parts.length === 0) throw new NotGiven(refused[0].file.part.place);
			const before = refused.length;
			const onRefused = (file: PlannedFile): void => {
				const of = plan.parts.flat().find(({ files }) => files.includes(file));
				if (of) refused.push({ thread: of.thread, file });
			};
			const outputs = await buildParts(built, tools, onRefused).catch((error: unknown) => {
				if (refused.length === before || refused.length > MOST_REFUSED) throw error;
			});
			// Those of which the server gives everything must not wait for the others.
			if (!outputs) continue;
			tellLeftOut(plan, notPacked, tools);
			yield* outputs;
			return;
		}
	},
);

/** A part that goes out although another one fails would pass for the package: all of them, or none. */
async function buildParts(
	built: Package,
	tools: OperationTools,
	onRefused: (file: PlannedFile) => void,
): Promise<Output[]> {
	const { parts } = built.plan;
	if (parts.length === 0) return [{ itemIndex: 0, json: { package: aboutOf(built, 0) } }];
	const outputs: Output[] = [];
	for (const index of parts.keys()) {
		tools.signal?.throwIfAborted();
		tools.progress(`Package ${index + 1} of ${parts.length}`);
		outputs.push(await buildPart(built, index, { tools, onRefused }));
	}
	return outputs;
}

function readAsked(item: Parameters): Asked {
	const options = item.collection('options');
	const agentId = String(options.taxId ?? '').trim();
	if (agentId !== '' && !AGENT_ID.test(agentId)) {
		throw new UserError(
			'Tax ID is not written as the index wants it',
			'Write it as VATIT-01234567890 (partita IVA) or TINIT-RSSMRA80A01H501U (codice fiscale), or leave it empty.',
		);
	}
	const document = String(options.document ?? '').trim();
	return {
		period:
			item.choice('threadsFrom', 'Sendings and Messages', ['period', 'items']) === 'period'
				? readTimes(item)
				: undefined,
		field: item.text('outputField', 'Put Output File in Field'),
		owner: {
			name: item.text('ownerName', 'Organization'),
			document: document || 'Non indicato',
			...(agentId === '' ? {} : { agentId }),
		},
		name: String(options.packageName ?? '').trim(),
		partLimit: partLimitOf(options.splitAt),
		includeIncomplete: options.includeIncomplete === true,
		leaveOutHandedOver: options.leaveOutHandedOver === true,
	};
}

async function chosen(
	{ period }: Asked,
	items: ReadonlyArray<ItemValues<WantedMessage | undefined>>,
	tools: OperationTools,
): Promise<FoundForPackage> {
	const desk = {
		imap: await tools.account.imap(),
		records: await tools.account.records(),
		account: tools.account.settings.address,
	};
	if (period) {
		const { threads, withheld } = await allThreads(desk);
		// By its first certified time: each belongs to one month.
		const inTime = threads.filter(({ at }) => at !== undefined && isWithin(period, at));
		return { threads: inTime, without: [], withheld };
	}
	const wanted = items.flatMap(({ values }) => values ?? []);
	const { threads, seen, withheld } = await threadsOfMessages(desk, wanted);
	const packed = new Set(threads.flatMap(({ parts }) => parts.map(({ pecKey }) => pecKey)));
	// It may be one of those that nobody can read.
	const unseen = withheld.length > 0 ? 'notGiven' : 'gone';
	const without = [...new Set(wanted.map(({ pecKey }) => pecKey))]
		.filter((pecKey) => !packed.has(pecKey))
		.map((pecKey) => ({ pecKey, because: seen.has(pecKey) ? 'notPec' : unseen }) as const);
	return { threads, without, withheld };
}

function idOf({ parts }: PackagePlan, now: Date): string {
	const keys = parts.flat().flatMap(({ files }) => files.map(({ part }) => part.pecKey));
	const digest = createHash('sha256').update(JSON.stringify([now.toISOString(), ...keys]));
	return digest.digest('hex').slice(0, 20);
}

function nameOf({ name, period }: Asked, account: string, now: Date): string {
	const day = (period?.since ?? now).toISOString().slice(0, 10);
	return safeStep(name === '' ? `pec_${account}_${day}` : name, 'pacchetto');
}

async function buildPart(
	built: Package,
	index: number,
	{ tools, onRefused }: { tools: OperationTools; onRefused: (file: PlannedFile) => void },
): Promise<Output> {
	const { plan, name, asked, now } = built;
	const part: PlannedPart = plan.parts[index] ?? [];
	const count = plan.parts.length;
	const bagName = count === 1 ? name : `${name}_${index + 1}-di-${count}`;
	let payload: readonly BaggedFile[] = [];
	const about = aboutOf(built, index + 1);
	const files = filesOfBag({
		name: bagName,
		payload: payloadOf(
			part,
			{ imap: await tools.account.imap(), account: tools.account.settings.address },
			{ onRefused, ...(tools.signal ? { signal: tools.signal } : {}) },
		),
		info: [
			['Source-Organization', asked.owner.name],
			[
				'External-Description',
				'Messaggi PEC originali con le loro ricevute, per il versamento in conservazione; non sono ancora conservati.',
			],
			['External-Identifier', built.id],
			['Bagging-Date', now.toISOString().slice(0, 10)],
			['Bag-Group-Identifier', built.id],
			['Bag-Count', `${index + 1} of ${count}`],
			['Bag-Software-Agent', `${SOFTWARE.name} ${SOFTWARE.version}`],
		],
		tagFiles: (bagged) => {
			payload = bagged;
			const indexed = indexOf(part, bagged);
			return [
				{ path: 'metadata/indice.json', content: indexJson(about, part, indexed) },
				{ path: 'metadata/indice.csv', content: indexCsv(indexed) },
				{ path: 'metadata/allegato5.xml', content: allegato5Of(indexed) },
				{
					path: 'metadata/PIndex.xml',
					content: pindexOf(indexed, {
						id: `${built.id}-${index + 1}`,
						label: bagName,
						owner: asked.owner,
						now,
						software: SOFTWARE,
					}),
				},
			];
		},
	});
	const zip = await storeZip(`${bagName}.zip`, files, { tools, day: now });
	return {
		itemIndex: 0,
		json: {
			package: {
				...about,
				file: zip.facts,
				threads: part.map(({ id, thread }) => ({ id, ...threadFacts(thread) })),
				files: indexOf(part, payload).map(fileFacts),
				...(index === 0 ? { leftOut: built.leftOut } : {}),
			},
		},
		binary: { [asked.field]: zip.file },
	};
}

/** @param part counted from 1; 0 when there is none */
function aboutOf({ id, name, plan, leftOut, asked, now }: Package, part: number): object {
	return {
		id,
		name,
		part,
		parts: plan.parts.length,
		createdAt: now.toISOString(),
		owner: asked.owner.name,
		...(part === 0 ? { threads: [], files: [], leftOut } : {}),
	};
}
