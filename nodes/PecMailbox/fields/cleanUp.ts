import type { INodeProperties } from 'n8n-workflow';
import { archiveFields } from '../../n8n/archiveFields';

const showCopy = { resource: ['cleanUp'], operation: ['copyAndDelete'] };
const showAll = { resource: ['cleanUp'] };
const showChoice = { resource: ['cleanUp'], operation: ['plan', 'delete'] };

export const cleanUpFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: showAll },
		options: [
			{
				name: 'Copy and Delete (Copia Ed Elimina)',
				value: 'copyAndDelete',
				description:
					'Copy old messages into an ordinary mailbox, check each copy to the last byte, then delete them for good. For every night.',
				action: 'Copy messages and delete them',
			},
			{
				name: 'Delete (Elimina)',
				value: 'delete',
				description:
					'Delete for good the messages that have a copy and belong to no pending or failed sending',
				action: 'Delete messages that have a copy',
			},
			{
				name: 'Plan (Anteprima)',
				value: 'plan',
				description: 'Show what Delete would delete and what keeps the rest; nothing is deleted',
				action: 'Plan a clean up',
			},
		],
		default: 'plan',
	},
	...archiveFields(showCopy),
	{
		displayName: 'Folders to Clean Up (Cartelle)',
		name: 'folders',
		type: 'string',
		default: '',
		placeholder: 'Empty: all. Or e.g. INBOX, INBOX/Ricevute',
		description: 'Paths, separated by commas. Empty means every folder.',
		displayOptions: { show: showAll },
	},
	{
		displayName: 'Older Than (Days)',
		name: 'olderThanDays',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 30,
		description: 'Messages that arrived later are kept',
		displayOptions: { show: showAll },
	},
	{
		displayName: 'What (Che Cosa)',
		name: 'kinds',
		type: 'multiOptions',
		options: [
			{ name: 'Acceptance Receipts (Accettazione)', value: 'acceptance' },
			{ name: 'Anomaly Envelopes (Busta Di Anomalia)', value: 'anomalyEnvelope' },
			{ name: 'Delivery Receipts (Avvenuta Consegna)', value: 'delivery' },
			{ name: 'Delivery-Delay Notices (Preavviso)', value: 'deliveryDelay' },
			{ name: 'Non-Acceptance Notices (Non Accettazione)', value: 'nonAcceptance' },
			{ name: 'Non-Delivery Notices (Mancata Consegna)', value: 'nonDelivery' },
			{ name: 'Received PEC (Posta Certificata)', value: 'transportEnvelope' },
			{ name: 'Sent Copies (Copie Degli Inviati)', value: 'sentCopy' },
			{ name: 'Taken-in-Charge Receipts (Presa in Carico)', value: 'takenInCharge' },
			{ name: 'Virus Notices (Rilevazione Virus)', value: 'virusDetected' },
		],
		default: [],
		hint: 'None chosen: all of them',
		description: 'Ordinary e-mail is never deleted',
		displayOptions: { show: showAll },
	},
	{
		displayName: 'Copy Required (Copia Richiesta)',
		name: 'copyRequired',
		type: 'options',
		options: [
			{
				name: 'Checked Copy (Copia Controllata)',
				value: 'checked',
				description: 'A copy that was read back and is equal to the last byte',
			},
			{
				name: 'Handover Report Received (Versato)',
				value: 'handedOver',
				description: 'The report of the preservation service names the message',
			},
			{
				name: 'None (Nessuna)',
				value: 'none',
				description: 'What is deleted is lost for good',
			},
		],
		default: 'checked',
		displayOptions: { show: showChoice },
	},
	{
		displayName: 'Type ELIMINA to Delete',
		name: 'confirmation',
		type: 'string',
		default: '',
		placeholder: 'ELIMINA',
		description: 'What is deleted without a copy cannot be brought back by anybody',
		displayOptions: {
			show: { resource: ['cleanUp'], operation: ['delete'], copyRequired: ['none'] },
		},
	},
	{
		displayName: 'Keep Unread PEC (Non Letta)',
		name: 'keepUnread',
		type: 'boolean',
		default: true,
		description:
			'Whether to keep received PEC that nobody has opened yet. Receipts do not count as unread.',
		displayOptions: { show: showAll },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showAll },
		options: [
			{
				displayName: 'Compare Every Byte Again',
				name: 'compareBytes',
				type: 'boolean',
				default: false,
				description:
					'Whether to read each message once more before it is deleted and compare it with the hash of its copy. Takes as long as copying.',
			},
			{
				displayName: 'Except Folders (Cartelle Escluse)',
				name: 'exceptedFolders',
				type: 'string',
				default: '',
				placeholder: 'e.g. INBOX/Cause in corso',
				description: 'What lies in these stays. Paths, separated by commas.',
			},
			{
				displayName: 'Invoice Exchange (SDI)',
				name: 'sdi',
				type: 'options',
				options: [
					{ name: 'Clean Up as Well', value: 'include' },
					{ name: 'Keep (Conserva)', value: 'keep' },
					{ name: 'Nothing Else (Solo SDI)', value: 'only' },
				],
				default: 'keep',
				description: 'What to do with messages from and to sdi…@pec.fatturapa.it',
			},
			{
				displayName: 'Keep What Is Not Verified',
				name: 'keepUnverified',
				type: 'boolean',
				default: true,
				description:
					'Whether to keep PEC whose provider’s seal did not hold, or could not be checked, when it was copied',
			},
			{
				displayName: 'Max Megabytes',
				name: 'maxMegabytes',
				type: 'number',
				default: 1000,
				description: 'How much one run deletes at most; the next run goes on. 0 means no limit.',
			},
			{
				displayName: 'Max Messages',
				name: 'maxMessages',
				type: 'number',
				default: 5000,
				description: 'How many one run deletes at most; the next run goes on. 0 means no limit.',
			},
			{
				displayName: 'Max Minutes',
				name: 'maxMinutes',
				type: 'number',
				default: 60,
				description: 'After so long a run stops cleanly; the next run goes on. 0 means no limit.',
			},
		],
	},
];
