import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { messageShape } from './messageShape.ts';
import { contentOf, fieldOf, partsOf, readEntity, typeOf } from './mimeShape.ts';
import { ANGLED, CLIENTE, PecDesk, STUDIO } from './pecDesk.ts';
import { ALLOWED, PAIRS } from './pecShapeDifferences.ts';

/** Real messages hold people's data and are not part of the repository. */
const folder = process.env.PEC_SAMPLES_DIR;
const why = folder ? '' : ' (skipped: PEC_SAMPLES_DIR names no folder with real messages)';

const sample = (file: string): Buffer => readFileSync(join(folder ?? '', file));

describe.skipIf(!folder)(`beside real messages${why}`, () => {
	/** By issuer and what it is. */
	const ours = new Map<string, Buffer>();
	let desk: PecDesk;

	beforeAll(async () => {
		desk = await PecDesk.open();
		const mail = { subject: 'Prova', text: 'ciao', messageId: ANGLED };
		for (const [from, to, kinds] of [
			[STUDIO, CLIENTE, ['alfa accettazione', 'alfa transportEnvelope', 'beta avvenuta-consegna']],
			[
				'cliente03@pec.beta.test',
				'alfa2@pec.alfa.test',
				['beta accettazione', 'beta transportEnvelope', 'alfa avvenuta-consegna'],
			],
			[STUDIO, 'no@pec.alfa.test', ['', 'alfa errore-consegna']],
			[STUDIO, 'no@pec.beta.test', ['', 'beta errore-consegna']],
		] as const) {
			desk.startOver();
			await desk.sandbox.sendAs(from, { ...mail, to });
			await desk.sandbox.settled();
			const [acceptance, answer] = desk.inbox(from);
			const written = [acceptance, ...(kinds.length === 3 ? desk.inbox(to) : []), answer];
			for (const [index, kind] of kinds.entries()) {
				const raw = written[index];
				if (raw !== undefined) ours.set(kind, raw);
			}
		}
	});

	afterAll(async () => await desk.sandbox.stop());

	function bothShapes(file: string, kind: string): [real: string, own: string] {
		return [messageShape(sample(file)), messageShape(ours.get(kind) ?? Buffer.of())];
	}

	it.each(PAIRS)(
		'%s and the %s of the sandbox differ in what is listed alone',
		(file, kind, allowed) => {
			const [real, own] = allowed.reduce<[string, string]>(
				([one, other], name) => [ALLOWED[name].apply(one), ALLOWED[name].apply(other)],
				bothShapes(file, kind),
			);
			expect(own).toBe(real);
		},
	);

	it.each(PAIRS)(
		'%s and the %s of the sandbox do differ in each that is listed',
		(file, kind, allowed) => {
			for (const left of allowed) {
				const [real, own] = allowed
					.filter((name) => name !== left)
					.reduce<[string, string]>(
						([one, other], name) => [ALLOWED[name].apply(one), ALLOWED[name].apply(other)],
						bothShapes(file, kind),
					);
				expect(own, ALLOWED[left].reason).not.toBe(real);
			}
		},
	);

	it.each([...new Set(PAIRS.map(([file]) => file))])(
		'%s is read here as mailparser reads it',
		async (file) => {
			const raw = sample(file);
			const { attachments, headerLines } = await simpleParser(raw, {
				ignoreEmbedded: true,
			} as object);
			const top = readEntity(raw);
			expect(top.fields.map(([name]) => name.toLowerCase())).toEqual(
				headerLines.map(({ key }) => key),
			);
			const { daticert, original, signature } = partsOf(raw);
			const own = [daticert, original, signature].filter((part) => part !== undefined);
			expect(own.map((part) => [typeOf(part), contentOf(part).toString('latin1')])).toEqual(
				attachments.map(({ contentType, content }) => [contentType, content.toString('latin1')]),
			);
			expect(own.map((part) => fieldOf(part, 'Content-Disposition')?.split(';')[0])).toEqual(
				attachments.map(({ contentDisposition }) => contentDisposition),
			);
		},
	);

	it('the shape of a real message has nothing of a person in it', () => {
		for (const [file] of PAIRS) {
			const raw = sample(file).toString('latin1');
			const shape = messageShape(sample(file));
			expect(shape).not.toMatch(/\w@\w/);
			const subject = /^Subject: [A-Z ]+: (.{6,})$/m.exec(raw)?.[1]?.trim() ?? '';
			expect(subject === '' || !shape.includes(subject)).toBe(true);
		}
	});
});
