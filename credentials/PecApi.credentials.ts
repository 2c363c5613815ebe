import type { Icon, ICredentialType, IDisplayOptions, INodeProperties } from 'n8n-workflow';

const securityOptions = [
	{ name: 'SSL/TLS (Implicit)', value: 'tls' },
	{ name: 'STARTTLS (Mandatory)', value: 'startTls' },
];

/** n8n shows a field when all conditions of one definition hold, so "or" is two definitions of the same field. */
function serverFields(show: IDisplayOptions['show']): INodeProperties[] {
	const displayOptions = { show };
	return [
		{
			displayName: 'IMAP Host',
			name: 'imapHost',
			type: 'string',
			default: '',
			placeholder: 'e.g. imaps.pec.example.it',
			displayOptions,
		},
		{ displayName: 'IMAP Port', name: 'imapPort', type: 'number', default: 993, displayOptions },
		{
			displayName: 'IMAP Security',
			name: 'imapSecurity',
			type: 'options',
			options: securityOptions,
			default: 'tls',
			displayOptions,
		},
		{
			displayName: 'SMTP Host',
			name: 'smtpHost',
			type: 'string',
			default: '',
			placeholder: 'e.g. smtps.pec.example.it',
			displayOptions,
		},
		{ displayName: 'SMTP Port', name: 'smtpPort', type: 'number', default: 465, displayOptions },
		{
			displayName: 'SMTP Security',
			name: 'smtpSecurity',
			type: 'options',
			options: securityOptions,
			default: 'tls',
			displayOptions,
		},
	];
}

export class PecApi implements ICredentialType {
	name = 'pecApi';

	displayName = 'PEC API';

	icon: Icon = { light: 'file:pec.svg', dark: 'file:pec.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-pec/n8n-nodes-pec#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Provider (Gestore)',
			name: 'provider',
			type: 'options',
			options: [
				{ name: 'Aruba', value: 'aruba' },
				{ name: 'Custom', value: 'custom' },
				{ name: 'Sandbox (a Provider on Your Desk)', value: 'sandbox' },
			],
			default: 'aruba',
			description: 'Who runs the mailbox. It fills in the servers.',
		},
		{
			displayName: 'PEC Address',
			name: 'email',
			type: 'string',
			placeholder: 'e.g. studio.rossi@pec.example.it',
			default: '',
			required: true,
			description: 'The certified address. Everything is sent from it.',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				"The password for mail programs. With two-factor login this is an application password made on the provider's site; those expire after 60 to 90 days.",
		},
		{
			displayName: 'User Name',
			name: 'user',
			type: 'string',
			default: '',
			description: 'Only when it differs from the PEC address (some providers give a user ID)',
		},
		{
			displayName: 'Servers',
			name: 'servers',
			type: 'options',
			options: [
				{ name: 'As the Provider Publishes Them', value: 'preset' },
				{ name: 'Set by Hand', value: 'byHand' },
			],
			default: 'preset',
			displayOptions: { show: { provider: ['aruba'] } },
		},
		...serverFields({ provider: ['custom', 'sandbox'] }),
		...serverFields({ provider: ['aruba'], servers: ['byHand'] }),
		{
			displayName: 'CA for the Connection',
			name: 'tlsCa',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: '-----BEGIN CERTIFICATE-----',
			description:
				'PEM text of a certification authority to trust for TLS, beside the public ones: for the sandbox or an office proxy. It is never trusted to sign receipts.',
		},
		{
			displayName: 'PEC Issuing CA for Receipts',
			name: 'pecCa',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: '-----BEGIN CERTIFICATE-----',
			description:
				'PEM text of an authority whose signers may sign envelopes and receipts, beside the Italian PEC authorities: for the sandbox. It is never trusted for the connection.',
		},
	];
}
