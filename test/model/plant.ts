// node --import ./test/nodeSources.ts --import ./test/model/plant.ts …: nodes/ with the mistake that PEC_MODEL_BUG names.

import { registerHooks } from 'node:module';
import { BUGS } from './bugs.ts';

const NODES = new URL('../../nodes/', import.meta.url).href;
const wanted = process.env.PEC_MODEL_BUG;
const bug = BUGS.find(({ name }) => name === wanted);
if (wanted !== undefined && !bug) throw new Error(`There is no bug "${wanted}"`);

registerHooks({
	load(url, context, nextLoad) {
		const loaded = nextLoad(url, context);
		const changes = bug?.changes.filter(({ file }) => NODES + file === url) ?? [];
		if (changes.length === 0) return loaded;
		let source = Buffer.from(loaded.source as Buffer).toString('utf8');
		for (const { file, find, put } of changes) {
			const parts = source.split(find);
			if (parts.length !== 2) throw new Error(`nodes/${file} has not once: ${find}`);
			source = parts.join(put);
		}
		return { ...loaded, source };
	},
});
