import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

export function mailingName(
	show: IDisplayOptions['show'],
	description: string,
	hint?: string,
): INodeProperties {
	return {
		displayName: 'Mailing Name (Nome Invio)',
		name: 'mailingName',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Assemblea condominio 2026-03',
		description,
		...(hint === undefined ? {} : { hint }),
		displayOptions: { show },
	};
}
