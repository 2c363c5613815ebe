import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import { UserError } from '../n8n/errors';
import { toList } from '../n8n/parameters';
import type { OfferRules } from './offers';
import { knownZone, timeIn } from '../n8n/zonedTime';

export type WatchFor = 'newPec' | 'receipts' | 'sendingOutcome' | 'overdue';

/** The node's fields as values. */
export interface TriggerSettings {
	readonly watchFor: WatchFor;
	/** Of receipts; none given: all. */
	readonly receiptTypes: readonly string[];
	/** `undefined`: everywhere messages may arrive. */
	readonly folders: readonly string[] | undefined;
	readonly startAt: 'now' | Date;
	readonly rules: OfferRules;
	readonly output: 'data' | 'attachments' | 'rawMessage';
	readonly anomalies: boolean;
	readonly ordinaryMail: boolean;
	readonly sdi: 'included' | 'excluded' | 'only';
	readonly sender: string;
	readonly subject: string;
	readonly mailing: string;
	readonly markAsRead: boolean;
	readonly healthNotices: boolean;
	/** Hours between two signs of life; 0: none. */
	readonly heartbeatHours: number;
}

/** Enough for a mailbox in bursts, little enough for a small n8n. */
const EXECUTIONS_AT_ONCE = 5;
/** Events that wait for their next run are kept in memory; with their files they may be 64 MB each. */
const WAITING = 50;
const WAITING_WITH_FILES = 3;

/** @throws UserError */
export function readSettings(functions: ITriggerFunctions): TriggerSettings {
	const of = (name: string, otherwise: string) =>
		String(functions.getNodeParameter(name, otherwise));
	const options = functions.getNodeParameter('options', {}) as IDataObject;
	const text = (name: string) => String(options[name] ?? '').trim();
	const offersAgain = of('ifFlowFails', 'offerAgain') === 'offerAgain';
	const strict = options.strictOrder === true;
	const output = (text('output') || 'data') as TriggerSettings['output'];
	return {
		watchFor: of('watchFor', 'newPec') as WatchFor,
		receiptTypes: toList(functions.getNodeParameter('receiptTypes', [])),
		folders: of('folders', 'automatic') === 'automatic' ? undefined : chosenFolders(functions),
		startAt: startAt(functions),
		rules: {
			limit: strict ? 1 : wholeNumber(options.executionsAtOnce ?? EXECUTIONS_AT_ONCE),
			attempts: offersAgain ? wholeNumber(functions.getNodeParameter('attempts', 3)) : 1,
			strict,
			waiting: output === 'data' ? WAITING : WAITING_WITH_FILES,
		},
		output,
		anomalies: options.anomalies === true,
		ordinaryMail: options.ordinaryMail === true,
		sdi: (text('sdi') || 'included') as TriggerSettings['sdi'],
		sender: text('sender').toLowerCase(),
		subject: text('subject').toLowerCase(),
		mailing: text('mailing'),
		markAsRead: options.markAsRead === true,
		healthNotices: options.healthNotices !== false,
		heartbeatHours: Number(options.heartbeatHours ?? 0) || 0,
	};
}

function chosenFolders(functions: ITriggerFunctions): string[] {
	const paths = toList(functions.getNodeParameter('chosenFolders', []));
	if (paths.length > 0) return paths;
	throw new UserError(
		'No folder is chosen',
		'Choose folders from the list, or set Folders to Automatic.',
	);
}

function startAt(functions: ITriggerFunctions): 'now' | Date {
	const from = functions.getNodeParameter('startFrom', 'now');
	if (from === 'now') return 'now';
	if (from === 'beginning') return new Date(0);
	const written = String(functions.getNodeParameter('startDate', ''));
	const date = timeIn(written, knownZone(functions.getTimezone()));
	if (date) return date;
	throw new UserError(
		'Start Date is no date',
		'Choose the day and hour from which messages count.',
	);
}

function wholeNumber(value: unknown): number {
	return Math.max(1, Math.floor(Number(value)) || 1);
}
