import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ArchiveMailboxApi implements ICredentialType {
	name = 'archiveMailboxApi';

	displayName = 'Ordinary Mailbox (IMAP) API';

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
			description: 'Of the ordinary mailbox that copies go to. It is no PEC mailbox.',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'The password for mail programs; with two-factor login an application password. Microsoft 365 takes none: use its own credential.',
		},
		{
			displayName: 'User Name',
			name: 'user',
			type: 'string',
			default: '',
			placeholder: 'Usually empty: the address',
			description: 'Only when it differs from the address',
		},
		{
			displayName: 'IMAP Host',
			name: 'imapHost',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. imap.example.it',
		},
		{ displayName: 'IMAP Port', name: 'imapPort', type: 'number', default: 993 },
		{
			displayName: 'IMAP Security',
			name: 'imapSecurity',
			type: 'options',
			options: [
				{ name: 'SSL/TLS (Implicit)', value: 'tls' },
				{ name: 'STARTTLS (Mandatory)', value: 'startTls' },
			],
			default: 'tls',
		},
		{
			displayName: 'CA for the Connection',
			name: 'tlsCa',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: 'Usually empty',
			description:
				'PEM text of a certification authority to trust for TLS, beside the public ones: for a server with a certificate of its own',
		},
	];
}
