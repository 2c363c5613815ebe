import type { INodeProperties } from 'n8n-workflow';
import { mailingName } from './mailingName';

const showTrack = { resource: ['mailing'], operation: ['track'] };
const showReport = { resource: ['mailing'], operation: ['report'] };
const showForget = { resource: ['mailing'], operation: ['forget'] };

const AS_SENT = 'Exactly as it was written when it was sent';

/** Beside the fields of Send: which of the rows, and what is done with them. */
export const furtherAttemptFields: INodeProperties[] = [
	{
		displayName: 'Reasons (Motivi)',
		name: 'reasons',
		type: 'multiOptions',
		options: [
			{ name: 'Address Unknown', value: 'addressUnknown', description: 'There is no such mailbox' },
			{ name: 'Another or Unknown Reason', value: 'other' },
			{
				name: 'Domain Unknown',
				value: 'domainUnknown',
				description: 'The domain is no PEC domain',
			},
			{ name: 'Mailbox Disabled', value: 'mailboxDisabled' },
			{ name: 'Mailbox Full (Casella Piena)', value: 'mailboxFull' },
			{ name: 'Not Delivered Within 24 Hours', value: 'timeout24h' },
			{
				name: 'Refused by the Mail Server',
				value: 'rejected',
				description: 'Nothing was sent and there is no receipt',
			},
			{
				name: 'Refused by the Provider',
				value: 'refused',
				description: 'A receipt says so: correct the cause first',
			},
		],
		default: ['mailboxFull', 'timeout24h'],
		description:
			'Recipients that failed for one of these get the message once more. Whoever got it, may have got it or may still get it does not.',
		displayOptions: { show: { resource: ['mailing'], operation: ['retryFailed'] } },
	},
	{
		displayName: 'What to Do (Azione)',
		name: 'unclearRows',
		type: 'options',
		options: [
			{
				name: 'Send Them Again',
				value: 'send',
				description: 'After you looked: whoever got the first one gets a second',
			},
			{
				name: 'Show What Is Known',
				value: 'show',
				description: 'Nothing is sent',
			},
		],
		default: 'show',
		displayOptions: { show: { resource: ['mailing'], operation: ['resendUnclear'] } },
	},
];

const trackFields: INodeProperties[] = [
	{
		displayName: 'Track By (Segui Per)',
		name: 'trackBy',
		type: 'options',
		options: [
			{
				name: 'Earlier Items',
				value: 'items',
				description: 'Each item that came out of PEC Send names the message it stands for',
			},
			{ name: 'Mailing Name', value: 'mailingName', description: 'All recipients of a mailing' },
			{
				name: 'Message-IDs',
				value: 'messageIds',
				description: 'Of messages that PEC Send sent, as its items have them in messageId',
			},
		],
		default: 'mailingName',
		displayOptions: { show: showTrack },
	},
	mailingName({ ...showTrack, trackBy: ['mailingName'] }, AS_SENT),
	{
		displayName: 'Message-IDs',
		name: 'messageIds',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. {{ $json.messageId }}',
		description: 'Separated by commas',
		displayOptions: { show: { ...showTrack, trackBy: ['messageIds'] } },
	},
	{
		displayName: 'Wait Up To (Minutes)',
		name: 'waitMinutes',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1440 },
		default: 0,
		description:
			'Waits for receipts until every recipient has a final state, but no longer than this. 0 answers at once with what is known.',
		displayOptions: { show: showTrack },
	},
];

/** Receipts are verified alike wherever they are read for a person. */
const followOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	displayOptions: { show: { resource: ['mailing'], operation: ['track', 'report'] } },
	options: [
		{
			displayName: 'Verify Large Receipts',
			name: 'verifyLarge',
			type: 'boolean',
			default: false,
			description:
				'Whether to download also receipts of 64 kB and more to check the provider’s signature on them. They hold the whole message: of a thousand recipients that can be gigabytes. Unless checked they count, and show as not verified.',
		},
	],
};

export const followFields: INodeProperties[] = [
	...trackFields,
	mailingName(showReport, AS_SENT),
	{
		displayName: 'Language (Lingua)',
		name: 'language',
		type: 'options',
		options: [
			{ name: 'English', value: 'en' },
			{ name: 'Italiano', value: 'it' },
		],
		default: 'it',
		displayOptions: { show: showReport },
	},
	mailingName(showForget, AS_SENT),
	{
		displayName: 'Type the Name Again (Conferma)',
		name: 'mailingNameAgain',
		type: 'string',
		default: '',
		required: true,
		hint: 'After that the same mailing could be sent once more to everybody',
		description: 'The records are removed for good; receipts stay',
		displayOptions: { show: showForget },
	},
	{
		displayName: 'Even If Not Final',
		name: 'evenIfNotFinal',
		type: 'boolean',
		default: false,
		description:
			'Whether to forget also recipients whose outcome is not known yet. Nobody can tell then whether they got the message.',
		displayOptions: { show: showForget },
	},
	followOptions,
];
