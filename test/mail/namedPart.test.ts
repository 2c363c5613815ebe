import type { MessageStructureObject } from 'imapflow';
import { describe, expect, it } from 'vitest';

import { findNamedPart } from '../../nodes/mail/namedPart.ts';

function part(number: string, type: string, name?: string): MessageStructureObject {
	return {
		part: number,
		type,
		encoding: 'base64',
		size: 10,
		...(name === undefined ? {} : { dispositionParameters: { filename: name } }),
	};
}

describe('the part of a file name', () => {
	const daticert = part('2', 'application/xml', 'daticert.xml');
	const text = part('1', 'text/plain');

	it('is the first one, in either letter case', () => {
		const childNodes = [text, daticert, part('3', 'application/xml', 'DATICERT.xml')];
		const found = findNamedPart({ type: 'multipart/mixed', childNodes }, 'DatiCert.XML');
		expect(found?.number).toBe('2');
	});

	it('is found by the name in Content-Type too', () => {
		const named = { ...text, parameters: { name: 'daticert.xml' } };
		expect(
			findNamedPart({ type: 'multipart/mixed', childNodes: [named] }, 'daticert.xml')?.number,
		).toBe('1');
	});

	it('is number 1 where the message is no multipart', () => {
		const { part: _, ...single } = daticert;
		expect(findNamedPart(single, 'daticert.xml')?.number).toBe('1');
	});

	it('is not looked for inside an attached message, not even when that comes first', () => {
		const attached = { part: '1', type: 'message/rfc822', childNodes: [daticert] };
		const own = part('2', 'application/xml', 'daticert.xml');
		const childNodes = [attached, { ...own, size: 77 }];
		expect(findNamedPart({ type: 'multipart/mixed', childNodes }, 'daticert.xml')?.size).toBe(77);
		expect(
			findNamedPart({ type: 'multipart/mixed', childNodes: [attached] }, 'daticert.xml'),
		).toBeUndefined();
	});
});
