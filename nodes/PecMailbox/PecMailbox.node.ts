import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { ARCHIVE_FIELD } from '../n8n/archive';
import { BUILT_IN_SIGNERS, SIGNERS_FIELD } from '../n8n/credential';
import { archiveSignIn } from '../n8n/archiveTest';
import { pecSignIn } from '../n8n/credentialTest';
import { searchFolders } from '../n8n/folderSearch';
import { runItems } from '../n8n/operations';
import { cleanUpFields } from './fields/cleanUp';
import { messageFields } from './fields/message';
import { preservationFields } from './fields/preservation';
import { spaceFields } from './fields/space';
import { threadFields } from './fields/thread';
import { cleanUpCopyAndDelete } from './operations/cleanUpCopyAndDelete';
import { cleanUpDelete } from './operations/cleanUpDelete';
import { cleanUpPlan } from './operations/cleanUpPlan';
import { messageCopyToMailbox } from './operations/messageCopyToMailbox';
import { messageFind } from './operations/messageFind';
import { messageGet } from './operations/messageGet';
import { messageGetMany } from './operations/messageGetMany';
import { messageReadFile } from './operations/messageReadFile';
import { messageUpdate } from './operations/messageUpdate';
import { preservationBuildPackage } from './operations/preservationBuildPackage';
import { preservationCheckCopy } from './operations/preservationCheckCopy';
import { preservationExport } from './operations/preservationExport';
import { preservationImportReport } from './operations/preservationImportReport';
import { spaceGet } from './operations/spaceGet';
import { spaceReport } from './operations/spaceReport';
import { threadAcknowledge } from './operations/threadAcknowledge';
import { threadBuildFile } from './operations/threadBuildFile';
import { threadGet } from './operations/threadGet';

const resourceFields = [
	...spaceFields,
	...messageFields,
	...threadFields,
	...preservationFields,
	...cleanUpFields,
];

/** The operations that copy nothing to an ordinary mailbox. */
const WITHOUT_ARCHIVE = resourceFields
	.filter(({ name }) => name === 'operation')
	.flatMap(({ options = [] }) => options.flatMap((one) => ('value' in one ? [one.value] : [])))
	.filter((operation) => operation !== 'copyToMailbox' && operation !== 'copyAndDelete');

/** Without a name of their own, n8n's editor calls both credentials of a copy "Credential". */
const ORDINARY_MAILBOX = 'Ordinary Mailbox (Casella Ordinaria)';

export class PecMailbox implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'PEC Mailbox',
		name: 'pecMailbox',
		icon: { light: 'file:pecMailbox.svg', dark: 'file:pecMailbox.dark.svg' },
		group: ['transform'],
		// As a list, and with the default named: n8n adds "Custom API Call" to each Resource and Operation of a node that has an
		// OAuth2 credential and no such default (`injectCustomApiCallOptions`), and there is no API to call here.
		version: [1],
		defaultVersion: 1,
		subtitle: '={{ $parameter["resource"] + ": " + $parameter["operation"] }}',
		description:
			'Reads a certified mailbox (PEC), shows its space, makes checked copies and deletes only what has one',
		defaults: { name: 'PEC Mailbox' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'pecApi',
				displayName: 'PEC Account (Casella PEC)',
				required: true,
				testedBy: 'pecSignIn',
				// Reading a file asks no mailbox: n8n has no "optional here", but what the form does not show it does not want.
				displayOptions: { hide: { [SIGNERS_FIELD]: [BUILT_IN_SIGNERS] } },
			},
			{
				name: 'archiveMailboxApi',
				displayName: ORDINARY_MAILBOX,
				required: true,
				testedBy: 'archiveSignIn',
				// Not "show where it is password": of a field whose every value shows a credential, n8n's editor believes that it
				// chooses how the whole node signs in, and takes it and those that it depends on, Resource and Operation, out of
				// the form (`getMainAuthField`, `isAuthRelatedParameter`).
				displayOptions: {
					hide: { [ARCHIVE_FIELD]: ['microsoft', 'google'], operation: WITHOUT_ARCHIVE },
				},
			},
			{
				name: 'archiveMicrosoftOAuth2Api',
				displayName: ORDINARY_MAILBOX,
				required: true,
				testedBy: 'archiveSignIn',
				displayOptions: { show: { [ARCHIVE_FIELD]: ['microsoft'] } },
			},
			{
				name: 'archiveGoogleOAuth2Api',
				displayName: ORDINARY_MAILBOX,
				required: true,
				testedBy: 'archiveSignIn',
				displayOptions: { show: { [ARCHIVE_FIELD]: ['google'] } },
			},
		],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Clean Up (Svuotamento)', value: 'cleanUp' },
					{ name: 'Message (Messaggio)', value: 'message' },
					{ name: 'Preservation (Conservazione)', value: 'preservation' },
					{ name: 'Sending and Receipts (Invio E Ricevute)', value: 'thread' },
					{ name: 'Space (Spazio)', value: 'space' },
				],
				default: 'message',
			},
			...resourceFields,
		],
	};

	methods = { credentialTest: { archiveSignIn, pecSignIn }, listSearch: { searchFolders } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(
			this,
			{
				'space:get': spaceGet,
				'space:report': spaceReport,
				'message:get': messageGet,
				'message:getMany': messageGetMany,
				'message:find': messageFind,
				'message:copyToMailbox': messageCopyToMailbox,
				'message:update': messageUpdate,
				'thread:get': threadGet,
				'thread:acknowledge': threadAcknowledge,
				'thread:buildFile': threadBuildFile,
				'preservation:export': preservationExport,
				'preservation:checkCopy': preservationCheckCopy,
				'preservation:buildPackage': preservationBuildPackage,
				'preservation:importReport': preservationImportReport,
				'cleanUp:plan': cleanUpPlan,
				'cleanUp:copyAndDelete': cleanUpCopyAndDelete,
				'cleanUp:delete': cleanUpDelete,
			},
			{ 'message:readFile': messageReadFile },
		);
	}
}
