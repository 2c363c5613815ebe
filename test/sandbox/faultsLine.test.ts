import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Line } from '../../sandbox/faults/line.ts';

function lineOf(): { line: Line; sent: () => string; received: () => string; cuts: () => number } {
	let [sent, received, cuts] = ['', '', 0];
	const line = new Line({
		send: (bytes) => (sent += bytes.toString('latin1')),
		receive: (bytes) => (received += bytes.toString('latin1')),
		cut: () => (cuts += 1),
	});
	return { line, sent: () => sent, received: () => received, cuts: () => cuts };
}

const pieces = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 40 }), { maxLength: 20 });

describe('a line', () => {
	it('is cut after exactly so many bytes, however they come', () => {
		fc.assert(
			fc.property(pieces, fc.nat(300), fc.boolean(), (texts, limit, isSent) => {
				const { line, sent, received, cuts } = lineOf();
				line.cut(limit, isSent ? 'sent' : 'received');
				for (const text of texts) {
					line.send(Buffer.from(text, 'latin1'));
					line.receive(Buffer.from(text, 'latin1'));
				}
				const all = texts.join('');
				expect(isSent ? sent() : received()).toBe(all.slice(0, limit));
				expect(all.startsWith(isSent ? received() : sent())).toBe(true);
				expect(cuts()).toBe(all.length >= limit ? 1 : 0);
				expect(line.over).toBe(all.length >= limit);
			}),
		);
	});

	it('stalls after exactly so many bytes, and loses none once released', () => {
		fc.assert(
			fc.property(pieces, fc.nat(300), (texts, limit) => {
				const { line, sent, received } = lineOf();
				const release = line.stall(limit, 'sent');
				for (const text of texts) line.send(Buffer.from(text, 'latin1'));
				const all = texts.join('');
				expect(sent()).toBe(all.slice(0, limit));
				line.receive(Buffer.from('ping'));
				expect(received()).toBe(line.stalled ? '' : 'ping');
				release();
				release();
				expect([sent(), received(), line.stalled]).toEqual([all, 'ping', false]);
			}),
		);
	});

	it('counts from the byte after those that were passing when the limit was set', () => {
		let received = '';
		const line: Line = new Line({
			send: () => undefined,
			receive: (bytes) => {
				if (received === '') line.cut(3, 'received');
				received += bytes.toString('latin1');
			},
			cut: () => undefined,
		});
		for (const text of ['DATA\r\n', 'ab', 'cd']) line.receive(Buffer.from(text));
		expect(received).toBe('DATA\r\nabc');
	});

	it('goes on only when each of two stalls is released', () => {
		const { line, sent } = lineOf();
		const [one, two] = [line.stall(0, 'sent'), line.stall(0, 'received')];
		line.send(Buffer.from('x'));
		one();
		expect(sent()).toBe('');
		two();
		expect(sent()).toBe('x');
	});

	it('lets nobody wait for a line that is over', async () => {
		const { line, sent } = lineOf();
		line.stall(0, 'sent');
		line.send(Buffer.from('x'));
		const waiting = line.sent();
		let over = 0;
		line.whenOver(() => (over += 1));
		line.close();
		await waiting;
		line.whenOver(() => (over += 1));
		line.send(Buffer.from('y'));
		expect([over, sent()]).toEqual([2, '']);
	});

	it('passes all bytes in order when it is slow', async () => {
		const { line, sent } = lineOf();
		line.slow(20_000, 'sent');
		const text = Array.from({ length: 500 }, (_, index) => `${index};`).join('');
		line.send(Buffer.from(text));
		expect(sent()).toBe(text.slice(0, 1000));
		await line.sent();
		expect(sent()).toBe(text);
	});
});
