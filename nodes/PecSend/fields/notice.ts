import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import { NOTICE_SUBJECT } from '../../pec/notice';

export function purposeField(show: IDisplayOptions['show']): INodeProperties {
	return {
		displayName: 'Purpose (Scopo)',
		name: 'purpose',
		type: 'options',
		options: [
			{ name: 'Ordinary (Ordinario)', value: 'ordinary' },
			{
				name: 'Notice Under L. 53/1994 (Notifica in Proprio)',
				value: 'noticeL53',
				description: `One recipient, no Cc, complete receipt, and a subject that begins with "${NOTICE_SUBJECT}" (filled in when Subject is empty)`,
			},
		],
		default: 'ordinary',
		displayOptions: { show },
	};
}

/** What a lawyer states of the address: kept with the record of the sending. */
export function noticeFields(show: IDisplayOptions['show']): INodeProperties[] {
	const showNotice = { ...show, purpose: ['noticeL53'] };
	return [
		{
			displayName: 'Address Source (Pubblico Elenco)',
			name: 'addressSource',
			type: 'options',
			options: [
				{ name: 'INAD', value: 'inad' },
				{ name: 'INI-PEC', value: 'iniPec' },
				{ name: 'IPA', value: 'ipa' },
				{ name: 'Other', value: 'other' },
				{ name: 'ReGIndE', value: 'regInde' },
				{ name: 'Registro Delle Imprese', value: 'registroImprese' },
				{ name: 'Registro PP.AA.', value: 'registroPpAa' },
			],
			// eslint-disable-next-line n8n-nodes-base/node-param-default-wrong-for-options -- which one it was is not guessed
			default: '',
			required: true,
			description: 'The public register that the address was taken from',
			displayOptions: { show: showNotice },
		},
		{
			displayName: 'Other Register',
			name: 'otherRegister',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. ANPR',
			displayOptions: { show: { ...showNotice, addressSource: ['other'] } },
		},
		{
			displayName: 'Address Date (Data Di Estrazione)',
			name: 'addressDate',
			type: 'dateTime',
			default: '',
			required: true,
			description: 'The day on which the address was looked up there',
			displayOptions: { show: showNotice },
		},
	];
}
