import type { Icon, ICredentialType, IDisplayOptions, INodeProperties } from 'n8n-workflow';

const securityOptions = [
	{ name: 'SSL/TLS (Implicit)', value: 'tls' },
	{ name: 'STARTTLS (Mandatory)', value: 'startTls' },
];

/** Their servers are known, and shown when they are to be set by hand. */
const PRESET_PROVIDERS = ['aruba', 'legalmail', 'namirial', 'poste', 'register'];

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
				{ name: 'InfoCert Legalmail', value: 'legalmail' },
				{ name: 'Namirial (Sicurezza Postale)', value: 'namirial' },
				{ name: 'Other Provider', value: 'custom' },
				{ name: 'Poste Italiane (Postecert)', value: 'poste' },
				{ name: 'Register.it', value: 'register' },
				{ name: 'Sandbox (a Provider on Your Desk)', value: 'sandbox' },
			],
			default: 'aruba',
			description: 'Who runs the mailbox. It fills in the servers and how fast may be sent.',
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
			placeholder: 'Usually empty: the PEC address',
			description: 'Only when it differs from the PEC address (some providers give a user ID)',
			displayOptions: { hide: { provider: ['legalmail'] } },
		},
		{
			displayName: 'User ID (Codice Utente)',
			name: 'user',
			type: 'string',
			default: '',
			description:
				'The user ID that InfoCert gave with the mailbox. With Legalmail it is often not the PEC address. Left empty, the address is used.',
			displayOptions: { show: { provider: ['legalmail'] } },
		},
		{
			displayName: 'I Have an Agreement for Automated Sending',
			name: 'sendingAgreement',
			type: 'boolean',
			default: false,
			description:
				'Whether InfoCert agreed to your sending by a program. The contract of Legalmail (art. 5) forbids it otherwise, and PEC Send then sends nothing. Reading works without it.',
			displayOptions: { show: { provider: ['legalmail'] } },
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
			displayOptions: { hide: { provider: ['custom', 'sandbox'] } },
		},
		...serverFields({ provider: ['custom', 'sandbox'] }),
		...serverFields({ provider: PRESET_PROVIDERS, servers: ['byHand'] }),
		{
			displayName: 'Messages a Minute',
			name: 'messagesPerMinute',
			type: 'number',
			typeOptions: { minValue: 0, numberPrecision: 0 },
			default: 0,
			hint: '0: as many as suit the provider',
			description:
				'How many messages this account may send in a minute, over all workflows. 0 leaves it to the provider chosen above (docs/PROVIDERS.md: 6 with Legalmail, else 30).',
		},
		{
			displayName: 'Messages a Day',
			name: 'messagesPerDay',
			type: 'number',
			typeOptions: { minValue: 0, numberPrecision: 0 },
			default: 0,
			hint: '0: as many as suit the provider',
			description:
				'How many within 24 hours. 0 leaves it to the provider chosen above (1000 with Namirial, else no limit).',
		},
		{
			displayName: 'CA for the Connection',
			name: 'tlsCa',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: 'Usually empty',
			description:
				'PEM text of a certification authority to trust for TLS, beside the public ones: for the sandbox or an office proxy. It is never trusted to sign receipts.',
		},
		{
			displayName: 'PEC Issuing CA for Receipts',
			name: 'pecCa',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: 'Usually empty',
			description:
				'PEM text of an authority whose signers may sign envelopes and receipts, beside the Italian PEC authorities: for the sandbox. It is never trusted for the connection.',
		},
	];
}
