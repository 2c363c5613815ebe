import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageFileName } from '../../nodes/pec/messageName.ts';
import { safeStep, UniqueNames } from '../../nodes/pec/safeName.ts';
import type { PecHeaders } from '../../nodes/pec/types.ts';

const KEY = `${'1a2b3c4d5e6f'.padEnd(64, '0')}-1234`;

const delivery: PecHeaders = {
	kind: 'receipt',
	receipt: {
		type: 'delivery',
		wireType: 'avvenuta-consegna',
		deliveredTo: 'rossi@pec.beta.test',
		recipients: [],
		final: true,
	},
	certification: { local: '2026-02-01 00:30:12 +0100', recipients: [], receivedBy: [] },
	consistent: true,
	verified: false,
	findings: [],
	envelope: { to: [], cc: [] },
};

const nameOf = (headers: PecHeaders) =>
	messageFileName({
		headers,
		pecKey: KEY,
		receivedAt: '2026-02-01T09:00:00.000Z',
		account: 'studio@pec.alfa.test',
	});

const from = (address: string): PecHeaders => ({
	...delivery,
	kind: 'transportEnvelope',
	receipt: undefined,
	certification: { sender: address, recipients: [], receivedBy: [] },
});

describe('the file name of a message', () => {
	it('says when, what, whom, and which', () => {
		expect(nameOf(delivery)).toBe(
			'2026-02-01_003012_consegna_rossi@pec.beta.test_1a2b3c4d5e6f.eml',
		);
	});

	it('has the time at which it came, marked as UTC, where no provider certified one', () => {
		expect(nameOf(from('bianchi@pec.beta.test'))).toBe(
			'2026-02-01_090000Z_ricevuto_bianchi@pec.beta.test_1a2b3c4d5e6f.eml',
		);
	});

	it.each([
		['a path', '../../etc/passwd', 'etc-passwd'],
		['a Windows path', 'C:\\Windows\\win.ini', 'C-Windows-win.ini'],
		['a direction that turns', 'rossi\u202egpj.exe', 'rossigpj.exe'],
		['line ends and NUL', 'a\r\nb\u0000c', 'a-b-c'],
		['accents', 'Niccolò È', 'Niccolo-E'],
		['nothing at all', '', 'senza-nome'],
		['dots alone', '...', 'senza-nome'],
		['a device', 'NUL.txt', '_NUL.txt'],
		['a device without extension', 'com1', '_com1'],
		['a dot at its end', 'rossi. . .', 'rossi'],
		['another alphabet', 'Юрий', 'senza-nome'],
	])('makes %s harmless', (_, hostile, harmless) => {
		expect(safeStep(hostile)).toBe(harmless);
	});

	it('is one that Windows, macOS, ZIP and SFTP take as it is, whatever a message says', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
				const step = safeStep(text);
				expect(step).toMatch(/^[A-Za-z0-9_@+][A-Za-z0-9._@+-]*$/);
				expect(step).not.toMatch(/[.-]$/);
				expect(step.length).toBeLessThanOrEqual(61);
				expect(step).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
				expect(nameOf(from(text))).toMatch(/^2026-02-01_090000Z_ricevuto_[\w.@+-]+\.eml$/);
			}),
		);
	});

	it('is given once, also where capitals do not count', () => {
		const names = new UniqueNames();
		expect(['a.eml', 'A.eml', 'a.eml', 'a-2.eml', 'b'].map((name) => names.take(name))).toEqual([
			'a.eml',
			'A-2.eml',
			'a-3.eml',
			'a-2-2.eml',
			'b',
		]);
	});
});
