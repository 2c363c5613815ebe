import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** IMAP of Microsoft 365: the scope belongs to Exchange (outlook.office.com), not to Graph, whose tokens IMAP refuses. */
export class ArchiveMicrosoftOAuth2Api implements ICredentialType {
	name = 'archiveMicrosoftOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'Ordinary Mailbox (Microsoft 365) OAuth2 API';

	icon: Icon = { light: 'file:archive.svg', dark: 'file:archive.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-pec/n8n-nodes-pec#ordinary-mailbox';

	properties: INodeProperties[] = [
		{
			displayName: 'E-Mail Address',
			name: 'email',
			type: 'string',
			placeholder: 'e.g. archivio@studiorossi.example.it',
			default: '',
			required: true,
			description:
				'Of the mailbox that copies go to, also a shared one that the person who signs in may open',
		},
		{
			displayName: 'Grant Type',
			name: 'grantType',
			type: 'hidden',
			default: 'authorizationCode',
		},
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'string',
			default: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
			required: true,
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'string',
			default: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
			required: true,
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'hidden',
			default: 'https://outlook.office.com/IMAP.AccessAsUser.All offline_access',
		},
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: 'response_mode=query&prompt=select_account',
		},
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'hidden',
			default: 'body',
		},
		{
			displayName: 'IMAP Host',
			name: 'imapHost',
			type: 'string',
			default: 'outlook.office365.com',
			required: true,
		},
		{ displayName: 'IMAP Port', name: 'imapPort', type: 'number', default: 993 },
		{
			displayName: 'CA for the Connection',
			name: 'tlsCa',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: 'Usually empty',
			description:
				'PEM text of a certification authority to trust for TLS, beside the public ones: for an office proxy',
		},
	];
}
