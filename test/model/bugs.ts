/** A mistake that is put into the source for a while, to see whether the model finds it. */
export interface Bug {
	readonly name: string;
	/** Within `nodes/`; each place is there exactly once, or the bug is out of date. */
	readonly changes: ReadonlyArray<{
		readonly file: string;
		readonly find: string;
		readonly put: string;
	}>;
}

const DELETION = 'account/deletion.ts';
const COPIES_OF_THE_PLAN = {
	file: DELETION,
	find: 'const copies = await parts.records.readCopies();',
	put: 'const copies = new Map(verdicts.flatMap(({ message, copyRecord }) => (copyRecord ? [[message.pecKey, copyRecord] as const] : [])));',
};
const NO_LOOK_AT_HEADERS = { file: DELETION, find: "if (!isSame) return 'changed';", put: '' };

export const BUGS: readonly Bug[] = [
	{
		name: 'does not compare the bytes',
		changes: [
			{
				file: 'account/copies.ts',
				find: "if (!(await isEqual(raw, copy.bytes))) return { result: 'differs' };",
				put: '',
			},
		],
	},
	{
		name: 'compares sizes alone',
		changes: [
			{
				file: 'account/copies.ts',
				find: 'return raw.equals(bytes);',
				put: 'return raw.length === bytes.length;',
			},
		],
	},
	{
		name: 'takes what was put for what is there',
		changes: [
			{
				file: 'account/copying.ts',
				find: 'const bytes = await store.read({ pecKey, size });',
				put: 'const bytes = message.raw;',
			},
		],
	},
	{ name: 'does not look at the headers again', changes: [NO_LOOK_AT_HEADERS] },
	{
		name: 'looks neither at UIDVALIDITY nor at the headers',
		changes: [
			NO_LOOK_AT_HEADERS,
			{
				file: DELETION,
				find: "if (message.uidValidity !== folder.uidValidity) return 'folderChanged';",
				put: '',
			},
		],
	},
	{ name: 'believes the copies of the plan', changes: [COPIES_OF_THE_PLAN] },
	{
		name: 'deletes before the copies are on record',
		changes: [
			COPIES_OF_THE_PLAN,
			{
				file: 'account/cleanUp.ts',
				find: 'async () => await this.#options.records.writeCopies([...copies.values()]),',
				put: 'async () => await Promise.resolve(),',
			},
		],
	},
	{
		name: 'deletes before it is on record',
		changes: [
			{
				file: DELETION,
				find: 'const planned = await log.plan(entries);',
				put: 'const planned = 0;',
			},
		],
	},
	{
		name: 'believes that a plan was kept',
		changes: [
			{
				file: 'account/deletionLog.ts',
				find: 'if ((await this.#records.readPlanned()).some((plan) => plan.uid === uid)) return uid;',
				put: 'return uid;',
			},
		],
	},
	{
		name: 'believes what the server says it removed',
		changes: [
			{
				file: DELETION,
				find: 'new Set(deleted.filter((uid) => !after.has(uid)))',
				put: 'new Set(deleted)',
			},
		],
	},
	{
		name: 'takes any copy for one that was handed over',
		changes: [
			{
				file: DELETION,
				find: "copyRequired === 'handedOver' && copy.level !== 'handedOver'",
				put: 'false',
			},
			{
				file: 'pec/purge.ts',
				find: "copyRequired === 'handedOver' && copy?.level === 'checked'",
				put: 'false',
			},
		],
	},
	{
		name: 'does not wait for the outcome of a sending',
		changes: [
			{
				file: 'pec/purge.ts',
				find: "threadStateOf(receipts, { failures: new Set(bad), recipients }) === 'pending'",
				put: 'false',
			},
		],
	},
	{
		name: 'deletes the proof of a failure',
		changes: [
			{
				file: 'pec/purge.ts',
				find: 'bad.some((pecKey) => !failures.has(pecKey))',
				put: 'false',
			},
		],
	},
	{
		name: 'does not see that somebody flagged a message',
		changes: [
			{ file: DELETION, find: "if (flags.includes('\\\\flagged')) return 'flagged';", put: '' },
		],
	},
	{
		name: 'settles what another run is about to do',
		changes: [
			{
				file: 'account/unfinishedDeletions.ts',
				find: 'present.size === 0 || isOver',
				put: 'true',
			},
		],
	},
	{
		name: 'takes what was moved for deleted',
		changes: [
			{
				file: 'account/unfinishedDeletions.ts',
				find: 'for (const entry of await liesElsewhere(imap, missing)) present.add(entry);',
				put: '',
			},
		],
	},
	{
		name: 'never looks what an interrupted run left',
		changes: [
			{
				file: 'account/unfinishedDeletions.ts',
				find: 'of await log.open()) {',
				put: 'of [] as Awaited<ReturnType<DeletionLog["open"]>>) {',
			},
		],
	},
	{
		name: 'ties no entry to the one before',
		changes: [
			{
				file: 'pec/deletionChain.ts',
				find: '...(previous === undefined ? {} : { previous }),',
				put: '',
			},
		],
	},
	/** In the transport, beneath which the model's mailbox stands: it does so itself. */
	{ name: 'expungesAllMarked', changes: [] },
];
