// node --import ./test/nodeSources.ts …: nodes/ from source in plain Node, where its imports name no file extension, or
// that of what will be compiled.

import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const NODES = new URL('../nodes/', import.meta.url).href;
const WORKFLOW = pathToFileURL(createRequire(import.meta.url).resolve('n8n-workflow')).href;

registerHooks({
	resolve(specifier, context, nextResolve) {
		// Its files for `import` name no file extensions either; n8n itself requires it.
		if (specifier === 'n8n-workflow') return nextResolve(WORKFLOW, context);
		const isSource = specifier.startsWith('.') && context.parentURL?.startsWith(NODES);
		return nextResolve(isSource ? `${specifier.replace(/\.js$/, '')}.ts` : specifier, context);
	},
});
