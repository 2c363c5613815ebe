/** Where a person finds a row: an item as n8n counts them, a row of a CSV as Excel does, an address in its order. */
export interface RowPlace {
	readonly kind: 'item' | 'csvRow' | 'address';
	readonly number: number;
}

const WORDS: Readonly<Record<RowPlace['kind'], readonly [one: string, many: string, end: string]>> =
	{
		item: ['item', 'items', ''],
		csvRow: ['CSV row', 'CSV rows', ''],
		address: ['address', 'addresses', ' of the list'],
	};

export function toldPlace({ kind, number }: RowPlace): string {
	const [one, , end] = WORDS[kind];
	return `${one} ${number}${end}`;
}

const TOLD = 10;

/** Several places of one kind: `items 1 and 3`, and no more of them than a person reads. */
export function toldPlaces(places: readonly RowPlace[]): string {
	const [first] = places;
	if (first === undefined) return '';
	if (places.length === 1) return toldPlace(first);
	const [, many, end] = WORDS[first.kind];
	const told = places.slice(0, TOLD).map(({ number }) => String(number));
	const more = places.length - told.length;
	const last = more > 0 ? `${more} more` : told.pop();
	return `${many} ${told.join(', ')} and ${last}${end}`;
}

/** Groups of rows that have something in common, and no more of them than a person reads. */
export function toldGroups(groups: ReadonlyArray<readonly RowPlace[]>): string {
	const told = groups.slice(0, TOLD).map(toldPlaces);
	const more = groups.length - told.length;
	return [...told, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
