import { createHash } from 'node:crypto';
import type { ItemValues, Operation, OperationTools, Output } from '../../n8n/operations';
import { allItems } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import { UserError } from '../../n8n/errors';
import { payloadOf } from '../../account/packagePayload';
import { allThreads } from '../../account/threads';
import { allegato5Of } from '../../pec/allegato5';
import { filesOfBag, type BaggedFile } from '../../pec/bagit';
import { fileFacts, indexCsv, indexJson, indexOf, threadFacts } from '../../pec/packageIndex';
import { planPackage, type PackagePlan, type PlannedPart } from '../../pec/packagePlan';
import { AGENT_ID, pindexOf, type PackageOwner } from '../../pec/pindex';
import { safeStep } from '../../pec/safeName';
import type { Thread } from '../../pec/threadTypes';
import { SOFTWARE } from '../../pec/software';
import { isWithin, readTimes, type Period } from './period';
import { partLimitOf, storeZip } from './storeZip';

interface Asked {
	readonly period: Omit<Period, 'folder'> | undefined;
	readonly field: string;
	readonly owner: Omit<PackageOwner, 'name'> & { readonly name: string };
	readonly name: string;
	readonly partLimit: number;
	readonly includeIncomplete: boolean;
}

interface Package {
	readonly id: string;
	readonly name: string;
	readonly plan: PackagePlan;
	readonly asked: Asked;
	readonly now: Date;
}

/** Whole threads as BagIt packages, one item for each ZIP. */
export const preservationBuildPackage: Operation = allItems<Asked, string>(
	readAsked,
	(item) =>
		item.choice('threadsFrom', 'Sendings and Messages', ['period', 'items']) === 'items'
			? item.text('pecKey', 'PEC Key')
			: '',
	async function* (asked, items, tools) {
		const threads = await chosen(asked, items, tools);
		const { address: account } = tools.account.settings;
		const { partLimit, includeIncomplete } = asked;
		const plan = planPackage(threads, { account, partLimit, includeIncomplete });
		const now = tools.now();
		const built: Package = {
			id: idOf(plan, now),
			name: nameOf(asked, account, now),
			plan,
			asked,
			now,
		};
		tellLeftOut(plan, tools);
		if (plan.parts.length === 0) yield { itemIndex: 0, json: { package: aboutOf(built, 0) } };
		for (const index of plan.parts.keys()) {
			tools.progress(`Package ${index + 1} of ${plan.parts.length}`);
			yield await buildPart(built, index, tools);
		}
	},
);

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
	};
}

async function chosen(
	{ period }: Asked,
	items: ReadonlyArray<ItemValues<string>>,
	tools: OperationTools,
): Promise<Thread[]> {
	const threads = await allThreads({
		imap: await tools.account.imap(),
		records: await tools.account.records(),
		account: tools.account.settings.address,
	});
	// By its first certified time: each belongs to one month.
	if (period) return threads.filter(({ at }) => at !== undefined && isWithin(period, at));
	const keys = new Set(items.map(({ values }) => values));
	return threads.filter(({ parts }) => parts.some(({ pecKey }) => keys.has(pecKey)));
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

function tellLeftOut({ leftOut }: PackagePlan, tools: OperationTools): void {
	if (leftOut.length === 0) return;
	tools.hint(
		`${leftOut.length} sendings or messages were left out, because something of them is missing: <code>package.leftOut</code> of the first item names them.`,
	);
}

async function buildPart(built: Package, index: number, tools: OperationTools): Promise<Output> {
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
			tools.signal,
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
	const zip = await storeZip(`${bagName}.zip`, files, tools);
	return {
		itemIndex: 0,
		json: {
			package: {
				...about,
				file: zip.facts,
				threads: part.map(({ id, thread }) => ({ id, ...threadFacts(thread) })),
				files: indexOf(part, payload).map(fileFacts),
				...(index === 0 ? { leftOut: plan.leftOut.map(leftOutFacts) } : {}),
			},
		},
		binary: { [asked.field]: zip.file },
	};
}

/** @param part counted from 1; 0 when there is none */
function aboutOf({ id, name, plan, asked, now }: Package, part: number): object {
	return {
		id,
		name,
		part,
		parts: plan.parts.length,
		createdAt: now.toISOString(),
		owner: asked.owner.name,
		...(part === 0 ? { threads: [], files: [], leftOut: plan.leftOut.map(leftOutFacts) } : {}),
	};
}

function leftOutFacts({ thread, because, locations }: PackagePlan['leftOut'][number]): object {
	return { ...threadFacts(thread), because, ...(locations.length > 0 ? { locations } : {}) };
}
