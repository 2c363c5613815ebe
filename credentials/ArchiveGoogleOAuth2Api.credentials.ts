import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** IMAP of Gmail and Google Workspace: no narrower scope opens it. Without prompt=consent a second sign-in gives no refresh token. */
export class ArchiveGoogleOAuth2Api implements ICredentialType {
	name = 'archiveGoogleOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'Ordinary Mailbox (Google) OAuth2 API';

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
			description: 'Of the Gmail or Google Workspace mailbox that copies go to',
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
			type: 'hidden',
			default: 'https://accounts.google.com/o/oauth2/v2/auth',
			required: true,
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'hidden',
			default: 'https://oauth2.googleapis.com/token',
			required: true,
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'hidden',
			default: 'https://mail.google.com/',
		},
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: 'access_type=offline&prompt=consent',
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
			default: 'imap.gmail.com',
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
