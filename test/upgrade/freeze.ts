// npm run freeze: what workflows that are saved today keep, for test/upgrade. Nothing that was frozen before is changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { SavedType } from './forms.ts';

// First, for what is imported after it: the nodes.
await import('../nodeSources.ts');
const { freeze, refreeze } = await import('./freezing.ts');
const { descriptions, SAVED_FOLDER } = await import('./types.ts');

mkdirSync(SAVED_FOLDER, { recursive: true });
for (const description of descriptions()) {
	for (const version of [description.version].flat()) {
		const file = join(SAVED_FOLDER, `${description.name}-${version}.json`);
		const now = freeze(description, version);
		const saved = existsSync(file)
			? refreeze(JSON.parse(readFileSync(file, 'utf8')) as SavedType, now)
			: now;
		const config = await resolveConfig(file);
		writeFileSync(file, await format(JSON.stringify(saved), { ...config, parser: 'json' }));
		console.log(`${file}: ${saved.forms.length} forms`);
	}
}
