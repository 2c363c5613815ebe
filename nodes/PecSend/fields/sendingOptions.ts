import type { INodeProperties } from 'n8n-workflow';

/** How much, how fast and when one run sends. */
export const sendingOptions: INodeProperties[] = [
	{
		displayName: 'Max Duration (Minutes)',
		name: 'maxDuration',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1440 },
		default: 30,
		description:
			'The run ends after this time; what is left comes out as deferred, and the next run of the same node goes on there',
	},
	{
		displayName: 'Max Messages (Massimo Di Messaggi)',
		name: 'maxMessages',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 100,
		description: 'The run ends after so many messages; the next one goes on there',
	},
	{
		displayName: 'Messages a Day (Messaggi Al Giorno)',
		name: 'perDay',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1000,
		description:
			'The account sends no more in any 24 hours, whichever workflow sends; instead of the limit in the credential',
	},
	{
		displayName: 'Messages a Minute (Messaggi Al Minuto)',
		name: 'perMinute',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 30,
		description:
			'The account sends no more in any minute, whichever workflow sends; instead of the limit in the credential',
	},
	{
		displayName: 'Sending Hours (Orario Di Invio)',
		name: 'window',
		type: 'fixedCollection',
		default: {},
		description:
			'Outside of these hours nothing is sent; what is left comes out as deferred. Times are in the time zone of the workflow.',
		options: [
			{
				displayName: 'Hours',
				name: 'hours',
				values: [
					{
						displayName: 'From',
						name: 'from',
						type: 'string',
						default: '08:00',
						placeholder: 'e.g. 08:00',
					},
					{
						displayName: 'To',
						name: 'to',
						type: 'string',
						default: '19:00',
						placeholder: 'e.g. 19:00',
					},
					{
						displayName: 'Weekdays',
						name: 'weekdays',
						type: 'multiOptions',
						options: [
							{ name: 'Friday', value: 5 },
							{ name: 'Monday', value: 1 },
							{ name: 'Saturday', value: 6 },
							{ name: 'Sunday', value: 7 },
							{ name: 'Thursday', value: 4 },
							{ name: 'Tuesday', value: 2 },
							{ name: 'Wednesday', value: 3 },
						],
						default: [1, 2, 3, 4, 5],
					},
					{
						displayName: 'Not on Italian Holidays',
						name: 'skipHolidays',
						type: 'boolean',
						default: true,
						description: 'Whether nothing is sent on national holidays in Italy',
					},
				],
			},
		],
	},
];
