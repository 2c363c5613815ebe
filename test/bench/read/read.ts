import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compete } from '../contest.ts';
import type { Pace } from '../contest.ts';
import { compileLibrary } from '../library.ts';
import { rowOf } from '../rows.ts';
import type { Comparison, Row } from '../rows.ts';
import type { Work } from '../works.ts';
import type { Settings } from './contestants.ts';
import { writeCorpora } from './corpus.ts';
import type { Plan } from './corpus.ts';

const SEED = 'n8n-nodes-pec';

const QUICK: Pace = { rounds: 3, milliseconds: 40, warmUp: 150 };
const FULL: Pace = { rounds: 15, milliseconds: 300, warmUp: 2_000 };

const PEER = 'mailparser simpleParser';

interface Contest {
	readonly plan: Plan;
	readonly comparisons: readonly Comparison[];
}

const classifying = (size: string, bar: number): Comparison => ({
	work: `classify + certification data, ${size}`,
	against: PEER,
	bar,
	ours: 'classify',
	theirs: 'mailparser',
	floor: 'hash',
});

const reading = (size: string, bar: number): Comparison => ({
	work: `whole reading, hashed and verified, ${size}`,
	against: `${PEER} (verifies nothing)`,
	bar,
	ours: 'whole',
	theirs: 'mailparser',
	floor: 'hash',
});

const CONTESTS: readonly Contest[] = [
	{
		plan: { name: '7kB', count: 240, attachment: 0 },
		comparisons: [
			classifying('7 kB', 10),
			reading('7 kB', 0.5),
			{
				work: 'signature alone, 7 kB',
				against: '`openssl cms -verify` as a process',
				bar: 10,
				ours: 'signature',
				theirs: 'openssl',
			},
		],
	},
	{
		// More signers than are remembered: none is met again while it is.
		plan: { name: '7kB-own-signers', count: 300, attachment: 0, ownSigners: true },
		comparisons: [reading('7 kB, each by a signer not met before', 0.5)],
	},
	{
		plan: { name: '100kB', count: 30, attachment: 70_000 },
		comparisons: [classifying('100 kB', 5), reading('100 kB', 1)],
	},
	{
		plan: { name: '2MB', count: 6, attachment: 1_500_000 },
		comparisons: [classifying('2 MB', 5), reading('2 MB', 1)],
	},
];

function namesIn(comparisons: readonly Comparison[]): string[] {
	const names = comparisons.flatMap(({ ours, theirs, floor }) =>
		[ours, theirs, floor ?? []].flat(),
	);
	return [...new Set(names)];
}

export const read: Work = {
	name: 'read',
	purpose: 'reading messages: classify, verify, hash',
	needs: ['openssl'],
	notes: [
		'Messages are written by the sandbox: receipts (acceptance, delivery, non-delivery) of 7 kB, transport envelopes of 100 kB and 2 MB, each different from all others, by two providers in turn that share an issuing CA. Signer certificates, paths to a CA and the text of trusted CAs are remembered between messages (256 certificates and paths); "not met before" has 300 signers in turn, so that none is remembered, only the CA.',
		'`classify` goes from the raw message over our own MIME reader to `readPecHeaders`; `whole reading` is `readPecMessage` with every attachment hashed and `verified: true` insisted on. The floor is one SHA-256 of the same bytes. Each has a process of its own, whose RSS holds Node and the messages.',
	],
	run: async ({ workFolder, quick, rounds, tell }): Promise<Row[]> => {
		const library = await compileLibrary(tell);
		tell('Writing the messages…');
		const folder = join(workFolder, 'read');
		mkdirSync(folder);
		await writeCorpora(
			folder,
			CONTESTS.map(({ plan }) => plan),
			SEED,
		);
		const pace = { ...(quick ? QUICK : FULL), ...(rounds === undefined ? {} : { rounds }) };
		const rows: Row[] = [];
		for (const { plan, comparisons } of CONTESTS) {
			tell(`Measuring ${plan.name}…`);
			const settings: Settings = { folder, library, corpus: plan.name };
			const measured = await compete({
				module: new URL('contestants.ts', import.meta.url).href,
				contestants: namesIn(comparisons),
				settings,
				pace,
			});
			rows.push(...comparisons.map((each) => rowOf(each, measured, new Set(['openssl']))));
		}
		return rows;
	},
};
