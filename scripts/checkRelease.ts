// node scripts/checkRelease.ts <tag>: whether a tag may be published as what it says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './folders.ts';

/**
 * @param tag `v1.2.3`
 * @returns what is wrong and what to do, a sentence each
 */
export function faultsOfRelease(tag: string, version: string, changelog: string): string[] {
	const faults: string[] = [];
	if (tag !== `v${version}`) {
		faults.push(
			`The tag is ${tag}, package.json says ${version}. Tag v${version}, or change the version, commit, and tag that.`,
		);
	}
	const heading = changelog
		.split('\n')
		.find((line) => line === `## ${version}` || line.startsWith(`## ${version} `));
	if (heading === undefined) {
		faults.push(`CHANGELOG.md has no section "## ${version}". Write what changed.`);
	} else if (heading.includes('unreleased')) {
		faults.push(`CHANGELOG.md calls ${version} unreleased. Write the day instead.`);
	}
	return faults;
}

if (import.meta.main) {
	const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
		version: string;
	};
	const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
	const faults = faultsOfRelease(process.argv[2] ?? '', version, changelog);
	for (const fault of faults) console.error(fault);
	process.exitCode = faults.length === 0 ? 0 : 1;
}
