import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classifyPecMessage } from '../../../nodes/pec/message.ts';
import { createWorkFolder, removeFolder } from '../../../scripts/folders.ts';
import { DOVECOT_MISSING, dovecotPath } from '../../servers/dovecot.ts';
import { FULL_SIZE, openLetters, SMALL_SIZE, type LetterWriter } from './letters.ts';
import { rawHeaders, rawMessages } from './others.ts';
import { putAside } from './putAside.ts';
import { readRaw } from './rawSocket.ts';
import { openStage, type Stage } from './stage.ts';

let folder: string;
let letters: LetterWriter;
beforeAll(async () => {
	folder = createWorkFolder();
	letters = await openLetters(join(folder, 'letters'), [FULL_SIZE, SMALL_SIZE], 'seed');
});
afterAll(() => removeFolder(folder));

describe('messages of a mailbox', () => {
	it('are six receipts, three middling envelopes and a large one of ten', () => {
		const sizes = Array.from({ length: 10 }, (_, index) => letters(FULL_SIZE, index).length);
		const ascending = [...sizes].sort((one, other) => one - other);
		expect(ascending[5]).toBeLessThan(9_000);
		expect(ascending[6]).toBeGreaterThan(90_000);
		expect(ascending[8]).toBeLessThan(120_000);
		expect(ascending[9]).toBeGreaterThan(2_000_000);
	});

	it('differ in every id, and certification data says the same as the header', () => {
		const read = Array.from({ length: 3_000 }, (_, index) =>
			classifyPecMessage(letters(SMALL_SIZE, index)),
		);
		expect(new Set(read.map(({ envelope }) => envelope.messageId)).size).toBe(read.length);
		expect(read.filter(({ consistent }) => !consistent)).toEqual([]);
		const sendings = read.flatMap(({ receipt }) => receipt?.originalMessageId ?? []);
		expect(sendings).toHaveLength(1_800);
		expect(new Set(sendings).size).toBe(900);
	});
});

describe('what a run wrote', () => {
	it('is out of the way of the next run, and takes no room', () => {
		const [run, aside] = [join(folder, 'run'), join(folder, 'aside')];
		mkdirSync(aside);
		for (const bytes of [10, 20]) {
			mkdirSync(join(run, 'inner'), { recursive: true });
			writeFileSync(join(run, 'inner', 'message'), Buffer.alloc(bytes));
			putAside(run, aside);
			expect(existsSync(run)).toBe(false);
		}
		const entries = readdirSync(aside, { recursive: true, withFileTypes: true });
		const files = entries.filter((entry) => entry.isFile());
		expect(files.map(({ parentPath, name }) => statSync(join(parentPath, name)).size)).toEqual([
			0, 0,
		]);
	});
});

const missing = dovecotPath() === undefined ? ` (${DOVECOT_MISSING})` : '';
describe.skipIf(missing !== '')(`in Dovecot${missing}`, () => {
	let stage: Stage;
	beforeAll(async () => {
		const plans = [{ name: 'scan', messages: 40, mix: SMALL_SIZE }];
		stage = await openStage(folder, plans, letters);
	});
	afterAll(async () => await stage?.stop());

	it('are read by the raw socket, whole and by their headers', async () => {
		const files = join(folder, 'files');
		mkdirSync(files);
		const settings = { ...stage.mailbox('scan'), library: '', folder: files };
		const whole = await readRaw(settings.server, 'BODY.PEEK[]');
		expect(whole).toBeGreaterThan(settings.bytes);
		expect(whole).toBeLessThan(settings.bytes + 40 * 60 + 100);
		await (await rawMessages(settings)).run();
		await (await rawHeaders(settings)).run();
	});

	it('are missed when they do not come', async () => {
		const settings = { ...stage.mailbox('scan'), library: '', folder };
		const contestant = await rawMessages({ ...settings, bytes: settings.bytes + 10_000 });
		await expect(async () => await contestant.run()).rejects.toThrow(/bytes came/);
		const refused = readRaw({ ...settings.server, password: 'x' }, 'BODY.PEEK[]');
		await expect(refused).rejects.toThrow(/AUTHENTICATIONFAILED/);
	});
});
