import type { INodeProperties } from 'n8n-workflow';

/** What a message is told by; a sending is told by its records and receipts. */
const OF_MESSAGES = { watchFor: ['newPec', 'receipts'] };

/** The same for what stands under Options: an option that the choice above does not regard is not offered. */
const OPTION_OF_NEW_PEC = { show: { '/watchFor': ['newPec'] } };
const OPTION_OF_MESSAGES = { show: { '/watchFor': ['newPec', 'receipts'] } };
const OPTION_OF_WHAT_WAS_SENT = {
	show: { '/watchFor': ['receipts', 'sendingOutcome', 'overdue'] },
};

export const triggerFields: INodeProperties[] = [
	{
		displayName: 'Watch For (Cosa Controllare)',
		name: 'watchFor',
		type: 'options',
		options: [
			{
				name: 'New PEC (Nuova PEC)',
				value: 'newPec',
				description: 'Certified messages that somebody sent to this mailbox',
			},
			{
				name: 'Receipts (Ricevute)',
				value: 'receipts',
				description:
					'Acceptance and delivery receipts, and notices of failure, of what this mailbox sent',
			},
			{
				name: 'Sending Outcome (Esito)',
				value: 'sendingOutcome',
				description:
					'Once per recipient of what PEC Send sent: delivered, not delivered, refused, not certified',
			},
			{
				name: 'Sending Overdue (In Ritardo)',
				value: 'overdue',
				description:
					'No acceptance after 30 minutes, no outcome after 12 or 24 hours: once each, for what PEC Send sent',
			},
		],
		default: 'newPec',
	},
	{
		displayName: 'Receipt Types (Tipi Di Ricevuta)',
		name: 'receiptTypes',
		type: 'multiOptions',
		options: [
			{ name: 'Acceptance (Accettazione)', value: 'acceptance' },
			{ name: 'Delivery (Avvenuta Consegna)', value: 'delivery' },
			{ name: 'Delivery Delay (Preavviso Di Mancata Consegna)', value: 'deliveryDelay' },
			{ name: 'Non-Acceptance (Non Accettazione)', value: 'nonAcceptance' },
			{ name: 'Non-Delivery (Mancata Consegna)', value: 'nonDelivery' },
			{ name: 'Taken in Charge (Presa in Carico)', value: 'takenInCharge' },
			{ name: 'Unknown Type', value: 'unknown' },
			{ name: 'Virus Detected (Rilevazione Virus)', value: 'virusDetected' },
		],
		default: [],
		hint: 'None chosen: all of them',
		displayOptions: { show: { watchFor: ['receipts'] } },
	},
	{
		displayName: 'Folders (Cartelle)',
		name: 'folders',
		type: 'options',
		options: [
			{
				name: 'Automatic',
				value: 'automatic',
				description:
					'All folders in which messages may arrive, or be moved by a rule or a person before they were seen',
			},
			{ name: 'Chosen', value: 'chosen', description: 'Only the folders chosen below' },
		],
		default: 'automatic',
		displayOptions: { show: OF_MESSAGES },
	},
	{
		displayName: 'Chosen Folders Names or IDs',
		name: 'chosenFolders',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'listFolders' },
		default: [],
		description:
			'The first one is listened to, the others are looked at every 30 seconds, in a quiet mailbox every five minutes. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
		displayOptions: { show: { ...OF_MESSAGES, folders: ['chosen'] } },
	},
	{
		displayName: 'Start From (Da Quando)',
		name: 'startFrom',
		type: 'options',
		options: [
			{
				name: 'Now',
				value: 'now',
				description: 'Only messages that arrive after the workflow is activated for the first time',
			},
			{ name: 'Date', value: 'date', description: 'Messages that arrived since a date' },
			{
				name: 'Beginning',
				value: 'beginning',
				description: 'Also start a run for every message that is already there',
			},
		],
		default: 'now',
		description:
			'Read or unread makes no difference. Changing this begins anew: messages may start a second run.',
	},
	{
		displayName: 'Start Date (Data)',
		name: 'startDate',
		type: 'dateTime',
		default: '',
		required: true,
		displayOptions: { show: { startFrom: ['date'] } },
	},
	{
		displayName: 'If the Flow Fails (Se Il Flusso Fallisce)',
		name: 'ifFlowFails',
		type: 'options',
		options: [
			{
				name: 'Offer Again',
				value: 'offerAgain',
				description:
					'Every message is offered until a run succeeds or the attempts are used up. A crash can repeat a run: register on pecKey.',
			},
			{
				name: 'Go On',
				value: 'goOn',
				description:
					'Every message starts a run, and a second one only if n8n itself dies between starting and recording it',
			},
		],
		default: 'offerAgain',
	},
	{
		displayName: 'Attempts (Tentativi)',
		name: 'attempts',
		type: 'number',
		typeOptions: { minValue: 2, maxValue: 20 },
		default: 3,
		description:
			'Runs of one message before it is given up; the error workflow is then told. Waits of 10 seconds, 1 minute and 5 minutes lie between them.',
		displayOptions: { show: { ifFlowFails: ['offerAgain'] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Also Anomaly Envelopes (Buste Di Anomalia)',
				name: 'anomalies',
				type: 'boolean',
				default: false,
				displayOptions: OPTION_OF_NEW_PEC,
				description:
					'Whether ordinary mail that the provider wrapped as an anomaly starts a run as well',
			},
			{
				displayName: 'Also Ordinary Mail (Posta Ordinaria)',
				name: 'ordinaryMail',
				type: 'boolean',
				default: false,
				displayOptions: OPTION_OF_NEW_PEC,
				description: 'Whether mail that is no PEC starts a run as well',
			},
			{
				displayName: 'Executions at Once',
				name: 'executionsAtOnce',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 50 },
				default: 5,
				description: 'How many runs may be under way at the same time, started in order of arrival',
			},
			{
				displayName: 'Health Notices',
				name: 'healthNotices',
				type: 'boolean',
				default: true,
				description:
					'Whether the error workflow of this workflow (its settings) is told when for 15 minutes no run could be started (no connection, or runs that do not end), and when it is over',
			},
			{
				displayName: 'Heartbeat (Hours)',
				name: 'heartbeatHours',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 500 },
				default: 0,
				description:
					'Hours between two runs that only say how the connection is, in the field health; 0: none',
			},
			{
				displayName: 'Invoice Exchange (SdI)',
				name: 'sdi',
				type: 'options',
				options: [
					{ name: 'Excluded', value: 'excluded' },
					{ name: 'Included', value: 'included' },
					{ name: 'Only', value: 'only' },
				],
				default: 'included',
				displayOptions: OPTION_OF_MESSAGES,
				description: 'Messages of the invoice exchange (Sistema di Interscambio)',
			},
			{
				displayName: 'Mailing Name (Nome Invio)',
				name: 'mailing',
				type: 'string',
				default: '',
				displayOptions: OPTION_OF_WHAT_WAS_SENT,
				placeholder: 'e.g. Assemblea condominio 2026-03',
				description: 'Only what was sent under this name, and receipts for it',
			},
			{
				displayName: 'Mark as Read When the Flow Succeeded',
				name: 'markAsRead',
				type: 'boolean',
				default: false,
				displayOptions: OPTION_OF_MESSAGES,
				description: 'Whether a message whose run succeeded is marked as read in the mailbox',
			},
			{
				displayName: 'Output',
				name: 'output',
				type: 'options',
				options: [
					{
						name: 'Data Only',
						value: 'data',
						description: 'To get files, put PEC Mailbox, Message, Get after this node',
					},
					{
						name: 'With Attachments',
						value: 'attachments',
						description:
							'N8n keeps files that a trigger prepares for ever; queue mode cannot read them',
					},
					{
						name: 'With the Raw Message',
						value: 'rawMessage',
						description:
							'N8n keeps files that a trigger prepares for ever; queue mode cannot read them',
					},
				],
				default: 'data',
				displayOptions: OPTION_OF_MESSAGES,
			},
			{
				displayName: 'Sender Contains',
				name: 'sender',
				type: 'string',
				default: '',
				displayOptions: OPTION_OF_MESSAGES,
				placeholder: 'e.g. @pec.comune.roma.it',
				description: 'Only messages of which the certified sender contains this',
			},
			{
				displayName: 'Strict Order',
				name: 'strictOrder',
				type: 'boolean',
				default: false,
				description:
					'Whether the next message waits until the one before succeeded or was given up',
			},
			{
				displayName: 'Subject Contains',
				name: 'subject',
				type: 'string',
				default: '',
				displayOptions: OPTION_OF_NEW_PEC,
				description: 'Only messages of which the subject contains this',
			},
		],
	},
];
