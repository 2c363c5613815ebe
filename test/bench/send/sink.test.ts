import { createTransport } from 'nodemailer';
import { expect, it, onTestFinished } from 'vitest';
import { LAST_LINE, letterOf, RECIPIENT, SENDER } from './letters.ts';
import { startSink } from './sink.ts';

const ENVELOPE = { from: SENDER, to: [RECIPIENT] };

async function setUp() {
	const sink = await startSink();
	const transport = createTransport({
		host: 'localhost',
		port: sink.port,
		secure: true,
		auth: { user: SENDER, pass: 'any' },
		tls: { ca: sink.tlsCa },
	});
	onTestFinished(() => {
		transport.close();
		sink.stop();
	});
	return { sink, transport };
}

it.each([1_000, 1_000_000])('writes letters of the size that was asked for: %i', (bytes) => {
	const { length } = letterOf(bytes);
	expect(Math.abs(length - bytes)).toBeLessThan(120);
});

it('counts the messages that it took whole', async () => {
	const { sink, transport } = await setUp();
	for (const bytes of [1_000, 1_000_000]) {
		await transport.sendMail({ envelope: ENVELOPE, raw: letterOf(bytes) });
	}
	expect(await sink.taken()).toBe(2);
});

it('takes none that was cut short, and nobody who does not sign in', async () => {
	const { sink, transport } = await setUp();
	const letter = letterOf(1_000).toString('latin1');
	const short = letter.slice(0, letter.indexOf(LAST_LINE));
	await expect(transport.sendMail({ envelope: ENVELOPE, raw: short })).rejects.toThrow('554');
	const stranger = createTransport({
		host: 'localhost',
		port: sink.port,
		secure: true,
		tls: { ca: sink.tlsCa },
	});
	await expect(stranger.sendMail({ envelope: ENVELOPE, raw: letterOf(1_000) })).rejects.toThrow(
		'530',
	);
	expect(await sink.taken()).toBe(0);
});
