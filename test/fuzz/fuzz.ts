// npm run fuzz [-- <options>]
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { INTERRUPTED_STATUS, onInterruption } from '../../scripts/interruption.ts';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';
import { addCoverage, emptyCoverage, formatCoverage, unreached } from './coverage.ts';
import { readKept } from './keep.ts';
import { HELP, parseFuzzOptions, type FuzzOptions } from './options.ts';
import { judge } from './oracles.ts';
import { loadReader } from './reader.ts';
import { CURRENT, NOW, type TrialNews, type TrialOrder } from './news.ts';

/** Silence of this length is a message that hangs; the slowest that is allowed takes a fraction of it. */
const SILENCE = 15_000;
/** Making keys and seeds. */
const START = 120_000;
/** Enough to see what is wrong; one fault is often found a hundred times. */
const FOUND_LIMIT = 10;
const MB = 1024 * 1024;
const HOOKS = new URL('../nodeSources.ts', import.meta.url).href;

interface Sum {
	messages: number;
	found: number;
	used: number;
	/** Of the next message. */
	index: number;
	/** When the first message was made; the time before belongs to nobody. */
	startedAt?: number;
	/** So much found is enough. */
	readonly limit: number;
	readonly coverage: ReturnType<typeof emptyCoverage>;
}

let running: ChildProcess | undefined;

function report(
	found: { fault: string; detail: string; file: string },
	recipe: readonly string[],
): void {
	const { fault, detail, file } = found;
	console.log(`\nFound: ${fault}: ${detail}`);
	if (recipe.length > 0) console.log(`  made of: ${recipe.join('; ')}`);
	console.log(`  kept in: ${file}\n  again:   npm run fuzz -- --replay ${file}`);
}

function showProgress({ messages, found, used, startedAt }: Sum): void {
	const seconds = (performance.now() - (startedAt ?? performance.now())) / 1000;
	const rate = seconds > 0 ? Math.round(messages / seconds) : 0;
	const line = `${Math.round(seconds)} s, ${messages} messages (${rate}/s), ${found} found, ${Math.round(used / MB)} MB in use`;
	if (process.stderr.isTTY) process.stderr.write(`\r${line}  `);
	else console.error(line);
}

/** One child, until it is done, hangs or dies. */
async function runTrial(order: TrialOrder, sum: Sum): Promise<void> {
	const child = fork(join(import.meta.dirname, 'trial.ts'), {
		execArgv: ['--expose-gc', '--max-old-space-size=1024', '--no-warnings', '--import', HOOKS],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
	running = child;
	let said = '';
	child.stderr
		?.setEncoding('utf8')
		.on('data', (text: string) => (said = (said + text).slice(-4000)));
	let ready = false;
	let done = false;
	let hangs = false;
	const watch = (): NodeJS.Timeout =>
		setTimeout(
			() => {
				hangs = true;
				child.kill('SIGKILL');
			},
			ready ? SILENCE : START,
		);
	let watchdog = watch();
	let shownAt = 0;
	child.on('message', (news: TrialNews) => {
		clearTimeout(watchdog);
		if (news.news === 'ready') {
			ready = true;
			sum.startedAt ??= performance.now();
		} else if (news.news === 'progress') {
			sum.messages += news.messages;
			sum.used = news.used;
			sum.index = news.index + 1;
			addCoverage(sum.coverage, news.coverage);
		} else if (news.news === 'found') {
			sum.found += 1;
			sum.index = news.index + 1;
			report(news, news.recipe);
			if (news.fault === 'grew' || sum.found >= sum.limit) done = true;
			if (sum.found >= sum.limit) child.kill('SIGKILL');
		} else done = true;
		if (performance.now() - shownAt > 5000) {
			shownAt = performance.now();
			showProgress(sum);
		}
		watchdog = watch();
	});
	child.send(order);
	await new Promise((over) => child.once('exit', over));
	clearTimeout(watchdog);
	running = undefined;
	if (done) return;
	if (!ready) throw new Error(`The messages could not be made.\n${said}`);
	const fault = hangs ? 'hangs' : 'died';
	const name = `${fault}-${order.seed}-${sum.index}`;
	for (const ending of ['eml', 'json']) {
		renameSync(join(order.folder, `${CURRENT}.${ending}`), join(order.folder, `${name}.${ending}`));
	}
	const file = join(order.folder, `${name}.eml`);
	sum.found += 1;
	// It is not known how far beyond the last news the message was.
	sum.index += 1000;
	report({ fault, file, detail: hangs ? `silent for ${SILENCE / 1000} s` : said.trim() }, []);
}

async function fuzz(options: FuzzOptions): Promise<number> {
	const folder = resolve(options.keep ?? mkdtempSync(join(tmpdir(), 'pec-fuzz-')));
	mkdirSync(folder, { recursive: true });
	console.log(`Seed ${options.seed}, ${options.seconds} s.`);
	const sum: Sum = {
		...{ messages: 0, found: 0, used: 0, index: 1, coverage: emptyCoverage() },
		limit: options.first ? 1 : FOUND_LIMIT,
	};
	for (;;) {
		const gone = sum.startedAt === undefined ? 0 : performance.now() - sum.startedAt;
		const time = options.seconds * 1000 - gone;
		if (time <= 0 || sum.found >= sum.limit) break;
		const before = sum.found;
		const { seed, reader } = options;
		const order = { seed, index: sum.index, time, folder };
		await runTrial(reader === undefined ? order : { ...order, reader: resolve(reader) }, sum);
		if (sum.found === before) break;
	}
	for (const ending of ['eml', 'json'])
		rmSync(join(folder, `${CURRENT}.${ending}`), { force: true });
	showProgress(sum);
	console.log(`\nReached by ${sum.messages} messages:\n${formatCoverage(sum.coverage)}`);
	const missing = unreached(sum.coverage);
	console.log(
		missing.length === 0 ? 'Nothing was left out.' : `Not reached: ${missing.join(', ')}`,
	);
	if (sum.found === 0 && options.keep === undefined) rmSync(folder, { recursive: true });
	console.log(sum.found === 0 ? 'Nothing was found.' : `${sum.found} found, kept in ${folder}`);
	return sum.found === 0 ? 0 : 1;
}

async function replay(file: string, readerFile: string | undefined): Promise<number> {
	if (!statSync(file, { throwIfNoEntry: false })?.isFile())
		throw new SetUpFailure(`There is no file ${file}.`);
	const { made, issuers } = readKept(resolve(file));
	const options = { trust: { issuers }, now: NOW };
	const { message, complaint } = await judge(await loadReader(readerFile), made, options);
	if (message) {
		const { original, ...facts } = message;
		console.log(
			JSON.stringify({ ...facts, attachments: original?.attachments.length }, null, '\t'),
		);
	}
	console.log(complaint ? `${complaint.fault}: ${complaint.detail}` : 'Nothing was found.');
	return complaint ? 1 : 0;
}

/** Gives the exit status. */
async function main(): Promise<number> {
	onInterruption(() => {
		running?.kill('SIGKILL');
		process.exit(INTERRUPTED_STATUS);
	});
	try {
		const options = parseFuzzOptions(process.argv.slice(2), Math.floor(Math.random() * 2 ** 32));
		if (options.help) {
			console.log(HELP);
			return 0;
		}
		if (options.replay !== undefined) {
			await import('../nodeSources.ts');
			return await replay(options.replay, options.reader && resolve(options.reader));
		}
		return await fuzz(options);
	} catch (error) {
		if (!(error instanceof SetUpFailure)) throw error;
		console.error(error.message);
		return 1;
	}
}

process.exitCode = await main();
