// node --import ./test/nodeSources.ts …: nodes/ from source in plain Node, where its imports name no file extension, or
// that of what will be compiled.

import { registerHooks } from 'node:module';

const NODES = new URL('../nodes/', import.meta.url).href;

registerHooks({
	resolve(specifier, context, nextResolve) {
		const isSource = specifier.startsWith('.') && context.parentURL?.startsWith(NODES);
		return nextResolve(isSource ? `${specifier.replace(/\.js$/, '')}.ts` : specifier, context);
	},
});
