import { describe, expect, it } from 'vitest';
import {
	CERTIFICATION_ERRORS,
	CERTIFICATION_TYPES,
	RECEIPT_CONTENTS,
	RECEIPT_TYPES,
	RECIPIENT_TYPES,
	wireOf,
	wordOf,
} from '../../nodes/pec/vocabulary.ts';

describe('vocabulary', () => {
	// To the letter from daticert.dtd.
	it.each([
		[
			CERTIFICATION_TYPES,
			'accettazione non-accettazione presa-in-carico avvenuta-consegna posta-certificata errore-consegna preavviso-errore-consegna rilevazione-virus',
		],
		[CERTIFICATION_ERRORS, 'nessuno no-dest no-dominio virus altro'],
		[RECIPIENT_TYPES, 'certificato esterno'],
		[RECEIPT_CONTENTS, 'completa breve sintetica'],
	])('knows what the DTD knows, and nothing else (%#)', (table, values) => {
		expect([...table.keys()].sort()).toEqual(values.split(' ').sort());
	});

	it.each([
		['accettazione', 'acceptance'],
		[' Accettazione\t', 'acceptance'],
		['non-accettazione', 'nonAcceptance'],
		['non-accettazione-altro', undefined],
		['mancata-consegna', undefined],
		['consegna', undefined],
		['', undefined],
		['constructor', undefined],
		[undefined, undefined],
	])('is matched exactly: %j', (wire, word) => {
		expect(wordOf(RECEIPT_TYPES, wire)).toBe(word);
	});

	it('goes back to the wire', () => {
		expect(wireOf(RECEIPT_CONTENTS, 'concise')).toBe('sintetica');
	});
});
