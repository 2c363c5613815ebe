import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asHtml } from '../../nodes/pec/html.ts';
import { fillPlaceholders, placeholdersIn } from '../../nodes/pec/placeholders.ts';

describe('placeholders', () => {
	it.each<[string, string[]]>([
		['Gentile [[Nome]] di [[ Città ]], [[Nome]]', ['Nome', 'Città']],
		['[[Ragione sociale]]', ['Ragione sociale']],
		['[Nome] [[]] [[a\nb]] [[a]b]] [ [x]]', []],
		['[[[Nome]]]', ['Nome']],
	])('%j names %j', (text, names) => {
		expect(placeholdersIn(text)).toEqual(names);
	});

	it('are filled, and all else stays as it is', () => {
		expect(fillPlaceholders('A [[x]] $& {{ [[y]] }}', (name) => `<${name}>`)).toBe(
			'A <x> $& {{ <y> }}',
		);
	});

	it('are filled once: a value is never taken for a placeholder, nor for a pattern', () => {
		const value = fc.string({ unit: fc.constantFrom('[', ']', 'a', '$', '&', '1', '\\') });
		fc.assert(
			fc.property(value, value, (left, right) => {
				const valueOf = (name: string) => (name === 'a' ? left : right);
				expect(fillPlaceholders('-[[a]]-[[b]]-', valueOf)).toBe(`-${left}-${right}-`);
			}),
		);
	});

	it('finds in a text the names it fills, and no others', () => {
		const text = fc.string({ unit: fc.constantFrom('[', '[[', ']', ']]', 'a', 'b', ' ', '\n') });
		fc.assert(
			fc.property(text, (given) => {
				const asked = new Set<string>();
				fillPlaceholders(given, (name) => {
					asked.add(name);
					return '';
				});
				expect([...asked]).toEqual(placeholdersIn(given));
			}),
		);
	});

	it('keep a value from writing HTML', () => {
		expect(asHtml(`<a href="x">R&D's</a>`)).toBe(
			'&lt;a href=&quot;x&quot;&gt;R&amp;D&#39;s&lt;/a&gt;',
		);
	});
});
