import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import process from 'node:process';

const PACKAGES = ['nodemailer', 'mailparser', 'libmime', 'node-forge', 'saxes'];

/** What the figures were measured on and with, one fact a line. */
export function describeMachine(programs: readonly string[]): string[] {
	const require = createRequire(import.meta.url);
	const versions = PACKAGES.map((name) => {
		const { version } = require(`${name}/package.json`) as { version: string };
		return `${name} ${version}`;
	});
	const editor = require('../../scripts/editor/package.json') as {
		dependencies: { n8n: string };
	};
	const memory = Math.round(totalmem() / 1024 ** 3);
	return [
		`${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${memory} GB; ${type()} ${release()}, ${arch()}`,
		`Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl} inside it; ${versions.join(', ')}; n8n ${editor.dependencies.n8n}`,
		`Load average when it began: ${(loadavg()[0] ?? 0).toFixed(1)}; beside other work ranges get wide, and CPU time tells more`,
		...programs.map((program) => versionOf(program) ?? `${program}: not installed`),
	];
}

/** What it says of itself, with its name. */
export function versionOf(program: string): string | undefined {
	const argument = program === 'openssl' ? 'version' : '--version';
	const { status, stdout } = spawnSync(program, [argument], { encoding: 'utf8' });
	if (status !== 0) return undefined;
	const version = stdout.trim();
	return /^[a-z]/i.test(version) ? version : `${program} ${version}`;
}
