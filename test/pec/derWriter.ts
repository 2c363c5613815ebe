/** DER by hand (X.690), for certificates and signatures of every sort. Shares no code with nodes/. */

import { ber } from './signedFiles.ts';

export const sequence = (...parts: readonly Buffer[]): Buffer => ber(0x30, Buffer.concat(parts));
export const set = (...parts: readonly Buffer[]): Buffer => ber(0x31, Buffer.concat(parts));
/** A constructed value tagged [number]. */
export const tagged = (number: number, ...parts: readonly Buffer[]): Buffer =>
	ber(0xa0 + number, Buffer.concat(parts));
/** A primitive value tagged [number]. */
export const implicit = (number: number, content: Buffer | string): Buffer =>
	ber(0x80 + number, Buffer.from(content));
export const octets = (content: Buffer): Buffer => ber(0x04, content);
export const bits = (content: Buffer, unused = 0): Buffer =>
	ber(0x03, Buffer.concat([Buffer.from([unused]), content]));
export const boolean = (value: boolean): Buffer => ber(0x01, Buffer.from([value ? 0xff : 0]));
export const nothing = (): Buffer => ber(0x05, Buffer.alloc(0));
export const utf8 = (text: string): Buffer => ber(0x0c, Buffer.from(text));
export const printable = (text: string): Buffer => ber(0x13, Buffer.from(text));
export const ia5 = (text: string): Buffer => ber(0x16, Buffer.from(text));

/** A small number not below zero, or a positive one of any size by its bytes. */
export function integer(value: number | Buffer): Buffer {
	const bytes = typeof value === 'number' ? Buffer.from([value >> 8, value & 0xff]) : value;
	const first = bytes.findIndex((octet) => octet !== 0);
	const magnitude = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
	const sign = (magnitude[0] ?? 0) & 0x80 ? [Buffer.from([0])] : [];
	return ber(0x02, Buffer.concat([...sign, magnitude]));
}

export function oid(dotted: string): Buffer {
	const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
	const octetsOf = (arc: number): number[] => {
		const octets = [arc % 128];
		for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
			octets.unshift((left % 128) | 0x80);
		}
		return octets;
	};
	return ber(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(octetsOf)));
}

const digitsOf = (at: Date): string => at.toISOString().replace(/[-:T]|\.\d+/g, '');
export const utcTime = (at: Date): Buffer => ber(0x17, Buffer.from(digitsOf(at).slice(2)));
export const generalizedTime = (at: Date): Buffer => ber(0x18, Buffer.from(digitsOf(at)));
