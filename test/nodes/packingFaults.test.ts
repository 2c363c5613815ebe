import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FaultAction } from '../../sandbox/faults/rules.ts';
import { keptInItem } from './executeFunctions.ts';
import {
	LAST_FOLDER,
	PACKINGS,
	PackingDesk,
	packedOf,
	type Packed,
	type Packing,
} from './packingDesk.ts';

/** Some thirty runs, each over a connection of its own. */
const LONGEST_MS = 240_000;

let packing: PackingDesk;
beforeAll(async () => {
	packing = await PackingDesk.open();
});
afterAll(async () => await packing?.desk.sandbox.stop());

/** What must never come out: something that passes for whole and is not, or an error that does not say what to do. */
function wrongWith(packed: Packed | Error, whole: readonly string[]): string[] {
	if (packed instanceof Error) {
		const { description } = packed as Error & { description?: string | null };
		return description ? [] : [`an error without advice: ${packed.message}`];
	}
	const lacks = whole.filter((hash) => !packed.hashes.includes(hash));
	const others = packed.hashes.filter((hash) => !whole.includes(hash));
	return [
		...packed.faults,
		...others.map(() => 'a message that was never there'),
		...(lacks.length > 0 && !packed.tellsMissing ? ['lacks a message in silence'] : []),
	];
}

/** What is wrong when this happens at any one command, where a message that is not packed has to be an error. */
async function wrongWhen(
	action: FaultAction,
	of: Packing,
	whole: readonly string[],
): Promise<string[]> {
	const wrong: string[] = [];
	for await (const { command, packed } of packing.disturbed(of, action)) {
		const lacks =
			packed instanceof Error ? [] : whole.filter((one) => !packed.hashes.includes(one));
		const found = [...wrongWith(packed, whole), ...lacks];
		wrong.push(...found.map((fault) => `command ${command}: ${fault}`));
	}
	return wrong;
}

const CUTS: ReadonlyArray<readonly [string, FaultAction, 'imap.command' | 'imap.done']> = [
	['before the command', { do: 'drop' }, 'imap.command'],
	['within the answer', { do: 'drop', afterBytes: 70 }, 'imap.command'],
	['after the answer but for its end', { do: 'drop' }, 'imap.done'],
	['by a refusal', { do: 'answer', status: 'NO' }, 'imap.command'],
];

describe('Build Package of a period, from a server that lists messages and does not give', () => {
	const refusing = (times: number | 'always') => {
		const action = { do: 'answer', status: 'NO' } as const;
		packing.desk.sandbox.faults.add({ at: 'imap.command', command: 'UID FETCH', times, action });
		onTestFinished(() => packing.desk.sandbox.faults.clear());
	};

	it('one of them: names it, and packs the others', async () => {
		packing.restore();
		const uids = packing.uids('INBOX');
		// All of them are asked for, then half of them, and so on to the first.
		refusing(Math.ceil(Math.log2(uids.length)) + 1);
		const run = await packing.run('Build Package of a period');
		const { leftOut } = run.outputs[0]?.json.package as { leftOut: object[] };
		expect(leftOut).toContainEqual({ because: 'notGiven', folder: 'INBOX', uid: uids[0] });
		const { hashes, faults } = await packedOf(run);
		expect(faults).toEqual([]);
		// The sending that it belongs to lacks something now; what somebody else sent does not.
		expect(hashes).toHaveLength(1);
		expect(packing.hashesOf('Build Package of a period')).toContain(hashes[0]);
	});

	it('any: fails, as in an outage', async () => {
		packing.restore();
		refusing('always');
		await expect(packing.run('Build Package of a period')).rejects.toThrow(
			/lists message \d+ in "\w+", and does not give it/,
		);
	});
});

describe('A message of which the server gives the header alone, from any command on', () => {
	const disturbed = async function* (of: Packing) {
		const commands = await packing.commandsOf(of);
		for (let command = 0; command < commands; command += 1) {
			packing.restore();
			const [delivery = 0] = packing.uids(LAST_FOLDER);
			const run = (): void => packing.withholdBody(LAST_FOLDER, delivery);
			const action = { do: 'call', run } as const;
			packing.desk.sandbox.faults.add({ at: 'imap.command', skip: command, action });
			yield await packing.run(of).catch((error: Error) => error);
		}
	};

	it.each(['Build Package of a period', 'Build Package of items'] as const)(
		'ended %s: now its sending is left out and named, and the others are packed',
		async (of) => {
			const whole = packing.hashesOf(of);
			const [received = ''] = whole.filter(
				(hash) => !packing.hashesOf('Build File').includes(hash),
			);
			let lacking = 0;
			for await (const run of disturbed(of)) {
				if (run instanceof Error) throw run;
				const { hashes, faults } = await packedOf(run);
				expect(faults).toEqual([]);
				if (hashes.length === whole.length) continue;
				lacking += 1;
				expect(hashes).toEqual([received]);
				const { leftOut } = run.outputs[0]?.json.package as { leftOut: object[] };
				expect(leftOut).toContainEqual(
					expect.objectContaining({ because: 'notGiven', folder: LAST_FOLDER }),
				);
				expect(run.hints.join()).toContain('the server');
			}
			expect(lacking).toBeGreaterThan(3);
		},
		LONGEST_MS,
	);

	it.each(['Build Package of a period', 'Build Package of items'] as const)(
		'is no empty package when it is so of every message: %s',
		async (of) => {
			const commands = await packing.commandsOf(of);
			for (let command = 0; command < commands; command += 1) {
				packing.restore();
				const run = (): void => {
					for (const folder of ['INBOX', LAST_FOLDER]) {
						for (const uid of packing.uids(folder)) packing.withholdBody(folder, uid);
					}
				};
				const action = { do: 'call', run } as const;
				packing.desk.sandbox.faults.add({ at: 'imap.command', skip: command, action });
				const ended = await packing.run(of).catch((error: Error) => error);
				if (ended instanceof Error) expect(ended.message).toMatch(/does not give it/);
				else expect((await packedOf(ended)).hashes).not.toEqual([]);
			}
		},
		LONGEST_MS,
	);

	it('ended Export for all: now it alone is an error, that names it', async () => {
		packing.restore();
		const [delivery = 0] = packing.uids(LAST_FOLDER);
		packing.withholdBody(LAST_FOLDER, delivery);
		const asked = { messagesFrom: 'period', folder: LAST_FOLDER, outputField: 'data' };
		const { outputs } = await packing.desk.run('preservation:export', asked, {
			continueOnFail: true,
		});
		const told = `The server lists message ${delivery} in "${LAST_FOLDER}", and does not give it`;
		expect(outputs).toMatchObject([
			{ json: { error: expect.stringContaining(told) as string } },
			{ json: { kind: 'transportEnvelope' } },
		]);
		await expect(packing.desk.run('preservation:export', asked)).rejects.toThrow(
			`lists message ${delivery} in`,
		);
	});

	it(
		'ends Build File with an error that names it',
		async () => {
			const whole = packing.hashesOf('Build File');
			let failed = 0;
			for await (const run of disturbed('Build File')) {
				if (run instanceof Error) {
					failed += 1;
					expect(run.message).toMatch(
						new RegExp(`lists message \\d+ in "${LAST_FOLDER}", and does not give it`),
					);
				} else expect((await packedOf(run)).hashes).toEqual(whole);
			}
			expect(failed).toBeGreaterThan(3);
		},
		LONGEST_MS,
	);
});

describe.each(PACKINGS)('%s', (of) => {
	it.each(CUTS)(
		'that is cut off %s, at any command, puts out all or nothing, and all when it is run again',
		async (_, action, at) => {
			const whole = packing.hashesOf(of);
			const wrong: string[] = [];
			let failed = 0;
			for await (const { command, packed } of packing.disturbed(of, action, at)) {
				if (packed instanceof Error) failed += 1;
				const found = wrongWith(packed, whole);
				wrong.push(...found.map((fault) => `command ${command}: ${fault}`));
				packing.desk.sandbox.faults.clear();
				const again = await packedOf(await packing.run(of));
				expect(again).toEqual({ hashes: whole, faults: [], tellsMissing: false });
			}
			expect(wrong).toEqual([]);
			// most of what is refused once is asked for again
			expect(failed).toBeGreaterThan(action.do === 'answer' ? 0 : 3);
		},
		LONGEST_MS,
	);

	it(
		'has every message that is moved to another folder meanwhile, whenever that is',
		async () => {
			const whole = packing.hashesOf(of);
			const action = { do: 'moveMessages', folder: LAST_FOLDER, to: 'INBOX' } as const;
			expect(await wrongWhen(action, of, whole)).toEqual([]);
		},
		LONGEST_MS,
	);

	it(
		'has every message of a folder that is numbered anew meanwhile, or fails',
		async () => {
			const whole = packing.hashesOf(of);
			for (const folder of ['INBOX', LAST_FOLDER]) {
				const action = { do: 'resetUidValidity', folder } as const;
				expect(await wrongWhen(action, of, whole), folder).toEqual([]);
			}
		},
		LONGEST_MS,
	);

	it(
		'tells of a receipt that somebody deletes meanwhile, whenever that is',
		async () => {
			const whole = packing.hashesOf(of);
			const wrong: string[] = [];
			const told = { error: 0, item: 0, packed: 0 };
			packing.restore();
			const runs = await packing.commandsOf(of);
			for (let command = 0; command < runs; command += 1) {
				packing.restore();
				const [delivery = 0] = packing.uids(LAST_FOLDER);
				const action = {
					do: 'deleteMessages',
					folder: LAST_FOLDER,
					uids: [delivery],
				} as const;
				packing.desk.sandbox.faults.add({ at: 'imap.command', skip: command, action });
				const packed = await packing.run(of).then(packedOf, (error: Error) => error);
				if (packed instanceof Error) told.error += 1;
				else if (packed.tellsMissing) told.item += 1;
				else told.packed += 1;
				wrong.push(...wrongWith(packed, whole).map((fault) => `command ${command}: ${fault}`));
			}
			expect(wrong).toEqual([]);
			// Before it is looked for, between look and fetch, and after it was fetched.
			expect(Math.min(told.error, told.item, told.packed)).toBeGreaterThan(0);
		},
		LONGEST_MS,
	);

	it('puts nothing out, and says why, when n8n cannot keep its file; the next run is whole', async () => {
		packing.restore();
		const [resource, parameters, given] = packing.asked(of);
		for (const continueOnFail of [false, true]) {
			const prepareBinaryData: typeof keptInItem = async (content, ...about) => {
				if (!Buffer.isBuffer(content)) {
					for await (const piece of content) {
						if ((piece as Buffer).length > 0) throw new Error('ENOSPC: no space left on device');
					}
				}
				return await keptInItem(content, ...about);
			};
			const run = packing.desk.run(resource, parameters, {
				...given,
				continueOnFail,
				prepareBinaryData,
			});
			if (!continueOnFail) {
				await expect(run).rejects.toThrow(/could not keep the file/);
				continue;
			}
			const { outputs } = await run;
			expect(outputs.map(({ json }) => String(json.error))).toEqual(
				(given.items ?? [{}]).map(() => expect.stringMatching(/could not keep the file/)),
			);
		}
		expect(await packedOf(await packing.run(of))).toMatchObject({ hashes: packing.hashesOf(of) });
	});
});
