import {
	NodeConnectionTypes,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
} from 'n8n-workflow';
import { folderField, searchFolders } from '../n8n/folderSearch';
import { pecSignIn } from '../n8n/credentialTest';
import { startTrigger } from './lifecycle';

export class PecTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'PEC Trigger',
		name: 'pecTrigger',
		icon: { light: 'file:pecTrigger.svg', dark: 'file:pecTrigger.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["watchFor"] === "newPec" ? "new PEC" : "receipts" }}',
		description: 'Starts the workflow on a new certified e-mail (PEC) or on a receipt',
		defaults: { name: 'PEC Trigger' },
		eventTriggerDescription: '',
		activationMessage:
			'Your workflow will now start on each new message. If the mailbox cannot be reached, it connects again by itself and catches up.',
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'pecApi', required: true, testedBy: 'pecSignIn' }],
		properties: [
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
				],
				default: 'newPec',
			},
			folderField({ description: 'The folder to watch' }),
			{
				displayName: 'Start From',
				name: 'startFrom',
				type: 'options',
				options: [
					{
						name: 'Beginning of the Folder',
						value: 'beginning',
						description: 'Also start a run for every message that is already there',
					},
					{
						name: 'Now',
						value: 'now',
						description:
							'Only messages that arrive after the workflow is activated for the first time',
					},
				],
				default: 'now',
				description: 'Read or unread makes no difference, and nothing is marked as read',
			},
		],
	};

	methods = { credentialTest: { pecSignIn }, listSearch: { searchFolders } };

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return await startTrigger(this);
	}
}
