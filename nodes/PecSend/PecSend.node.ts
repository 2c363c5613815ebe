import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { pecSignIn } from '../n8n/credentialTest';
import { runItems } from '../n8n/operations';
import { mailingFields } from './fields/mailing';
import { messageFields } from './fields/message';
import { mailingForget } from './operations/mailingForget';
import { mailingReport } from './operations/mailingReport';
import { mailingResendUnclear } from './operations/mailingResendUnclear';
import { mailingRetryFailed } from './operations/mailingRetryFailed';
import { mailingPreview } from './operations/mailingPreview';
import { mailingSend } from './operations/mailingSend';
import { mailingTrack } from './operations/mailingTrack';
import { messageForward } from './operations/messageForward';
import { messageReply } from './operations/messageReply';
import { messageSend } from './operations/messageSend';

export class PecSend implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'PEC Send',
		name: 'pecSend',
		icon: { light: 'file:pecSend.svg', dark: 'file:pecSend.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["resource"] + ": " + $parameter["operation"] }}',
		description:
			'Sends certified e-mail (PEC), one message or one per recipient, and follows every receipt',
		defaults: { name: 'PEC Send' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'pecApi', required: true, testedBy: 'pecSignIn' }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Mailing (Invio Massivo)', value: 'mailing' },
					{ name: 'Message (Messaggio)', value: 'message' },
				],
				default: 'message',
			},
			...messageFields,
			...mailingFields,
		],
	};

	methods = { credentialTest: { pecSignIn } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, {
			'message:send': messageSend,
			'message:reply': messageReply,
			'message:forward': messageForward,
			'mailing:preview': mailingPreview,
			'mailing:send': mailingSend,
			'mailing:track': mailingTrack,
			'mailing:forget': mailingForget,
			'mailing:report': mailingReport,
			'mailing:retryFailed': mailingRetryFailed,
			'mailing:resendUnclear': mailingResendUnclear,
		});
	}
}
