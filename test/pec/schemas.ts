import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with the schemas of preservation, which are not ours to hand on. */
const folder = process.env.PRESERVATION_XSD_DIR;
const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;

/** Why nothing can be validated here; for a title. */
export const SCHEMAS_MISSING = !folder
	? ' (skipped: PRESERVATION_XSD_DIR names no folder with the schemas)'
	: hasXmllint
		? ''
		: ' (skipped: xmllint is not installed)';

/** Throws what xmllint finds wrong. @param schema a file of PRESERVATION_XSD_DIR */
export function validate(document: Buffer, schema: string): void {
	const work = mkdtempSync(join(tmpdir(), 'pec-xsd-'));
	try {
		const file = join(work, 'document.xml');
		writeFileSync(file, document);
		execFileSync('xmllint', ['--noout', '--nonet', '--schema', join(folder ?? '', schema), file], {
			stdio: 'pipe',
		});
	} finally {
		rmSync(work, { recursive: true });
	}
}
