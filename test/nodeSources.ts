// node --import ./test/nodeSources.ts …: nodes/ from source in plain Node, where its imports name no file extension.

import { registerHooks } from 'node:module';

registerHooks({
	resolve(specifier, context, nextResolve) {
		const fromNodes = /\/nodes\/.*\.ts$/.test(context.parentURL ?? '');
		const isSource = fromNodes && specifier.startsWith('.');
		return nextResolve(isSource ? `${specifier}.ts` : specifier, context);
	},
});
