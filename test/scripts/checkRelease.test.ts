import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultsOfRelease } from '../../scripts/checkRelease.ts';
import { ROOT } from '../../scripts/folders.ts';

const CHANGELOG = '# Changelog\n\n## 1.2.3 (2027-01-31)\n\n- x\n\n## 1.2.30 (unreleased)\n';

describe('a tag is published', () => {
	it('when package.json and the changelog name the same version', () => {
		expect(faultsOfRelease('v1.2.3', '1.2.3', CHANGELOG)).toEqual([]);
	});

	it.each([
		['v1.2.4', '1.2.3', /tag is v1\.2\.4, package\.json says 1\.2\.3/],
		['1.2.3', '1.2.3', /tag is 1\.2\.3/],
		['v1.2.4', '1.2.4', /no section "## 1\.2\.4"/],
		['v1.2', '1.2', /no section "## 1\.2"/],
		['v1.2.30', '1.2.30', /calls 1\.2\.30 unreleased/],
	])('never as %s with the version %s', (tag, version, fault) => {
		expect(faultsOfRelease(tag, version, CHANGELOG)).toEqual([expect.stringMatching(fault)]);
	});
});

describe('the release workflow', () => {
	const text = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8');

	it('looks at the tag, then tests, then publishes with provenance', () => {
		const places = [
			'node scripts/checkRelease.ts "$GITHUB_REF_NAME"',
			'needs: tag',
			'uses: ./.github/workflows/ci.yml',
			'needs: test',
			'id-token: write',
			'npm run build',
			'npm publish --provenance',
		].map((step) => text.indexOf(step));
		expect(places).not.toContain(-1);
		expect(places).toEqual(places.toSorted((one, other) => one - other));
	});

	it('needs no secret', () => {
		expect(text).not.toMatch(/secrets\./);
	});
});
