// node loadOnce.ts <folder of the compiled sources>: loads all nodes and credentials as n8n does, and says what it took.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import process from 'node:process';
import { ROOT } from '../../../scripts/folders.ts';
import type { Loading } from './load.ts';

const [library = ''] = process.argv.slice(2);
const require = createRequire(join(library, 'index.js'));
const { n8n } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
	n8n: { nodes: string[]; credentials: string[] };
};
const files = [...n8n.nodes, ...n8n.credentials].map((file) => file.replace(/^dist\//, ''));
// n8n has it long before it loads a package of nodes.
require('n8n-workflow');
const loaded = Object.keys(require.cache).length;

const before = process.cpuUsage();
const start = performance.now();
const types = files.map((file) => {
	const module = require(join(library, file)) as Record<string, new () => object>;
	const Type = module[basename(file).split('.', 1)[0] ?? ''];
	if (!Type) throw new Error(`${file} has no class of its name`);
	return new Type();
});
const milliseconds = performance.now() - start;
const { user, system } = process.cpuUsage(before);

const loading: Loading = {
	types: types.length,
	modules: Object.keys(require.cache).length - loaded,
	milliseconds,
	cpuMilliseconds: (user + system) / 1000,
};
console.log(JSON.stringify(loading));
