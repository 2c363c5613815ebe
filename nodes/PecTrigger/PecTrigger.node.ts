import {
	NodeConnectionTypes,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
} from 'n8n-workflow';
import { listFolders } from '../n8n/folderSearch';
import { pecSignIn } from '../n8n/credentialTest';
import { triggerFields } from './fields';
import { startTrigger } from './lifecycle';

export class PecTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'PEC Trigger',
		name: 'pecTrigger',
		icon: { light: 'file:pecTrigger.svg', dark: 'file:pecTrigger.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ ({ newPec: "new PEC", receipts: "receipts", sendingOutcome: "sending outcome", overdue: "sending overdue" })[$parameter["watchFor"]] }}',
		description: 'Starts the workflow on a new certified e-mail (PEC) or on a receipt',
		defaults: { name: 'PEC Trigger' },
		eventTriggerDescription: '',
		activationMessage:
			'Your workflow will now start on each new message. If the mailbox cannot be reached, it connects again by itself and catches up.',
		hints: [
			{
				message:
					'Choose an error workflow in the workflow settings: it is told when the mailbox cannot be reached for 15 minutes, and when a message is given up. Without one, nobody is.',
				type: 'info',
				location: 'outputPane',
				whenToDisplay: 'beforeExecution',
			},
			{
				message:
					'n8n keeps files that a trigger puts out for ever, and cannot read them in queue mode. Choose the output Data Only, and put PEC Mailbox, Message, Get after this node.',
				type: 'warning',
				location: 'outputPane',
				displayCondition: '={{ ($parameter["options"]["output"] ?? "data") !== "data" }}',
				whenToDisplay: 'always',
			},
		],
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'pecApi', required: true, testedBy: 'pecSignIn' }],
		properties: triggerFields,
	};

	methods = { credentialTest: { pecSignIn }, loadOptions: { listFolders } };

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return await startTrigger(this);
	}
}
