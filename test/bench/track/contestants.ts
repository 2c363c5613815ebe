import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type * as Node from '../../../nodes/PecSend/PecSend.node.ts';
import { executeFunctions } from '../../nodes/executeFunctions.ts';
import type { Contestant } from '../contest.ts';
import * as raw from '../mailbox/others.ts';
import type { RawServer } from '../mailbox/rawSocket.ts';
import { seededBytes } from '../random.ts';
import { RECIPIENTS, type MailingPlan } from './plan.ts';

export interface Settings {
	/** Folder of the compiled sources. */
	readonly library: string;
	readonly plan: MailingPlan;
	/** Fields of the sender's credential. */
	readonly credential: IDataObject;
	/** The sender's mailbox, for who reads it without a node. */
	readonly server: RawServer;
	/** In its INBOX, when the mailing was sent: the receipts, and nothing else. */
	readonly messages: number;
	/** Their sizes together. */
	readonly bytes: number;
}

const MAILING = 'Comunicazione annuale';
const FILE_FIELD = 'data';

/** What a person fills in once and n8n evaluates for each item: a list has a value for each. */
function formOf({ recipients, attachment }: MailingPlan): Readonly<Record<string, unknown>> {
	const each = Array.from({ length: recipients }, (_, index) => index);
	return {
		recipientsFrom: 'items',
		recipient: each.map((index) => RECIPIENTS[index % RECIPIENTS.length]),
		rowKey: each.map(String),
		subject: 'Comunicazione',
		text: 'Gentile cliente,\nsi comunica quanto segue, senza che ne derivi alcun obbligo per chi legge.',
		sharedAttachments: attachment > 0 ? FILE_FIELD : '',
	};
}

function itemsOf({ recipients, attachment }: MailingPlan): INodeExecutionData[] {
	const items: INodeExecutionData[] = Array.from({ length: recipients }, (_, row) => ({
		json: { row },
	}));
	const [first] = items;
	if (!first || attachment === 0) return items;
	const data = seededBytes(MAILING)(attachment).toString('base64');
	first.binary = { [FILE_FIELD]: { data, mimeType: 'application/pdf', fileName: 'Avviso.pdf' } };
	return items;
}

/** PEC Send as n8n runs it. */
async function runNode(
	{ library, credential }: Settings,
	parameters: Readonly<Record<string, unknown>>,
	items: readonly INodeExecutionData[],
): Promise<IDataObject[]> {
	const require = createRequire(join(library, 'index.js'));
	const { PecSend } = require('./nodes/PecSend/PecSend.node.js') as typeof Node;
	const functions = executeFunctions({
		credential,
		items,
		parameters: { resource: 'mailing', mailingName: MAILING, options: {}, ...parameters },
	});
	const [output = []] = await new PecSend().execute.call(functions);
	return output.map(({ json }) => json);
}

/** @throws Error unless every recipient has this */
function insist(outcomes: readonly IDataObject[], { plan }: Settings, is: IDataObject): void {
	const right = outcomes.filter((outcome) =>
		Object.entries(is).every(([name, value]) => outcome[name] === value),
	);
	if (right.length === plan.recipients && outcomes.length === plan.recipients) return;
	throw new Error(`${JSON.stringify(is)}: ${right.length} of ${outcomes.length} recipients`);
}

async function withForm(
	settings: Settings,
	operation: 'send' | 'preview',
	is: IDataObject,
): Promise<Contestant> {
	const items = itemsOf(settings.plan);
	const parameters = { operation, ...formOf(settings.plan) };
	return await Promise.resolve({
		units: settings.plan.recipients,
		run: async () => insist(await runNode(settings, parameters, items), settings, is),
	});
}

/** Mailing: Send; once, since a second time there is nothing to send. */
async function sending(settings: Settings): Promise<Contestant> {
	return await withForm(settings, 'send', { action: 'sent' });
}

/** Mailing: Preview of what was sent: all that a run does before it sends. */
async function planning(settings: Settings): Promise<Contestant> {
	return await withForm(settings, 'preview', { action: 'alreadySent' });
}

/** Mailing: Track, when every receipt is there. */
async function tracking(settings: Settings): Promise<Contestant> {
	const parameters = { operation: 'track', trackBy: 'mailingName', waitMinutes: 0 };
	return await Promise.resolve({
		units: settings.plan.recipients,
		run: async () => {
			const outcomes = await runNode(settings, parameters, [{ json: {} }]);
			insist(outcomes, settings, { state: 'delivered', final: true });
		},
	});
}

/** The receipts whole, as they come, of which nothing is kept. */
async function downloading(settings: Settings): Promise<Contestant> {
	const contestant = await raw.rawMessages({ ...settings, folder: '' });
	return { ...contestant, units: settings.plan.recipients };
}

/** What can be known of the receipts without their certification data, of which nothing is kept. */
async function rawHeaders(settings: Settings): Promise<Contestant> {
	const contestant = await raw.rawHeaders({ ...settings, folder: '' });
	return { ...contestant, units: settings.plan.recipients };
}

export const contestants = { sending, planning, tracking, downloading, rawHeaders };
