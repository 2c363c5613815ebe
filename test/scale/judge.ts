import type { RowKind, ScaleRow } from './rows.ts';

/** What the sender told of a row at the end. */
export interface ToldRow {
	readonly rowKey: string;
	readonly state: string;
	readonly reason?: string;
}

/** What the provider knows. */
export interface Truth {
	/** The subject of each submission that it took. */
	readonly taken: readonly string[];
	/** How often it refused a recipient for good. */
	readonly refused: number;
	/** How often it cut a connection after the final dot of a message that it did not take: at least, and at most. */
	readonly notTaken: readonly [number, number];
}

export interface Judgement {
	/** Rows of which the provider took more than one message. */
	readonly duplicates: number;
	/** Rows that it never had, and that nobody is told of. */
	readonly lost: number;
	/** One line each, of the first ones. */
	readonly wrong: readonly string[];
	/** How many rows have each state, with its reason. */
	readonly states: Readonly<Record<string, number>>;
}

const EXPECTED: Readonly<Record<RowKind, string>> = {
	ordinary: 'delivered',
	late: 'delivered',
	full: 'notDelivered mailboxFull',
	disabled: 'notDelivered mailboxDisabled',
	unknown: 'notDelivered addressUnknown',
	retired: 'notDelivered domainUnknown',
	external: 'notCertified notCertified',
};

const WRONG_TOLD = 20;

/** Whether what was told is what happened. Knows nothing of the nodes. */
export function judge(
	rows: readonly ScaleRow[],
	told: readonly ToldRow[],
	truth: Truth,
): Judgement {
	const takenOf = new Map<string, number>();
	for (const subject of truth.taken) takenOf.set(subject, (takenOf.get(subject) ?? 0) + 1);
	const toldOf = new Map(told.map((row) => [row.rowKey, row]));
	const states: Record<string, number> = {};
	const wrong: string[] = [];
	let [duplicates, lost] = [0, 0];
	for (const { rowKey, subject, kind } of rows) {
		const row = toldOf.get(rowKey);
		const taken = takenOf.get(subject) ?? 0;
		const state = row ? [row.state, row.reason].filter(Boolean).join(' ') : 'nothing';
		states[state] = (states[state] ?? 0) + 1;
		if (taken > 1) duplicates += 1;
		const isShown = row?.state === 'rejected' || row?.state === 'inDoubt';
		if (taken === 0 && !isShown) lost += 1;
		const isRight = taken === 0 ? isShown : state === EXPECTED[kind];
		if (!isRight || taken > 1) wrong.push(`row ${rowKey} (${kind}): taken ${taken}, told ${state}`);
	}
	const count = (state: string) => told.filter((row) => row.state === state).length;
	if (told.length !== rows.length) wrong.push(`${told.length} rows were told of ${rows.length}`);
	if (count('rejected') !== truth.refused) {
		wrong.push(`${truth.refused} were refused, ${count('rejected')} are told so`);
	}
	const [least, most] = truth.notTaken;
	if (count('inDoubt') < least || count('inDoubt') > most) {
		wrong.push(`${least} to ${most} were cut off after the dot, ${count('inDoubt')} are in doubt`);
	}
	return { duplicates, lost, wrong: wrong.slice(0, WRONG_TOLD), states };
}
