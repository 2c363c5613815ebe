import type { Random } from '../random.ts';

/** One row of a mailing, as the flow's items name it. */
export interface MailingRow {
	readonly recipient: string;
	/** No two rows of a mailing have the same. */
	readonly rowKey: string;
}

/** Share of each kind of recipient: mostly good ones, as in a mailing that was sent before. */
const KINDS: readonly { readonly upTo: number; readonly address: (number: number) => string }[] = [
	{
		upTo: 0.75,
		address: (number) => `cliente${String(1 + (number % 10)).padStart(2, '0')}@pec.beta.test`,
	},
	{ upTo: 0.8, address: (number) => `ignoto${number}@pec.beta.test` },
	{ upTo: 0.85, address: () => 'pieno@pec.beta.test' },
	{ upTo: 0.88, address: () => 'sospeso@pec.beta.test' },
	{ upTo: 0.92, address: (number) => `ufficio${number}@dismesso.pec.beta.test` },
	{ upTo: 1, address: (number) => `mario${number}@posta.test` },
];

/** The same addresses stand several times, told apart by their row keys. */
export function mailingRows(count: number, random: Random): MailingRow[] {
	return Array.from({ length: count }, (_, index) => {
		const choice = random.next();
		const kind = KINDS.find(({ upTo }) => choice < upTo);
		return {
			recipient: kind?.address(random.between(0, 9)) ?? 'cliente01@pec.beta.test',
			rowKey: `R${String(index + 1).padStart(4, '0')}`,
		};
	});
}

/** Stands in the subject of each message: who counts does not need to believe a Message-ID. */
export function markerOf(mailing: string, rowKey: string): string {
	return `${mailing} #${rowKey}`;
}

/** What a subject that `markerOf` made says; `undefined` for any other. */
export function readMarker(
	subject: string | undefined,
): { readonly mailing: string; readonly rowKey: string } | undefined {
	const [, mailing, rowKey] = /^(.+) #([^#\s]+)$/.exec(subject ?? '') ?? [];
	return mailing === undefined || rowKey === undefined ? undefined : { mailing, rowKey };
}
