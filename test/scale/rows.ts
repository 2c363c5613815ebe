/** What a recipient's side does with a message. */
export type RowKind =
	'ordinary' | 'full' | 'disabled' | 'unknown' | 'retired' | 'external' | 'late';

export interface ScaleRow {
	readonly recipient: string;
	readonly rowKey: string;
	/** Of this row alone: by it the provider's log tells the row. */
	readonly subject: string;
	readonly kind: RowKind;
}

/** One row in a hundred each; the others are ordinary. */
const ONE_IN_A_HUNDRED: ReadonlyArray<{ readonly kind: RowKind; readonly recipient?: string }> = [
	{ kind: 'full', recipient: 'pieno@pec.beta.test' },
	{ kind: 'disabled', recipient: 'sospeso@pec.beta.test' },
	{ kind: 'unknown', recipient: 'nessuno@pec.beta.test' },
	{ kind: 'retired', recipient: 'chiuso@dismesso.pec.beta.test' },
	{ kind: 'external', recipient: 'cliente@example.test' },
	{ kind: 'late' },
];

/** What subjects of messages hold of which the acceptance comes late. */
export const LATE = 'late';

export function scaleRows(count: number): ScaleRow[] {
	return Array.from({ length: count }, (_, index) => {
		const { kind, recipient = clienteOf(index) } = ONE_IN_A_HUNDRED[index % 100] ?? {
			kind: 'ordinary' as const,
		};
		const subject = `Scale ${index}${kind === 'late' ? ` ${LATE}` : ''}`;
		return { recipient, rowKey: String(index), subject, kind };
	});
}

/** Ten customers, again and again: one accountant has many clients. */
function clienteOf(index: number): string {
	return `cliente${String((index % 10) + 1).padStart(2, '0')}@pec.beta.test`;
}
