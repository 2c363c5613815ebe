import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

/** As n8n calls what it finds in a folder of `N8N_CUSTOM_EXTENSIONS`. */
export const EMITTER_TYPE = 'CUSTOM.backlogEmitter';

const NODE = 'BacklogEmitter.node';

/** What BacklogEmitter starts runs with: its parameters. */
export interface Emission {
	/** JSON of an item of PEC Trigger. */
	readonly itemFile: string;
	/** JSON list of Message-IDs: a run for each. */
	readonly idsFile: string;
}

/** Compiles the node into a folder that n8n can load it from. @param folder made */
export function writeEmitter(folder: string): void {
	mkdirSync(folder);
	const source = readFileSync(new URL(`${NODE}.ts`, import.meta.url), 'utf8');
	const { outputText } = transpileModule(source, {
		compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
	});
	writeFileSync(join(folder, `${NODE}.js`), outputText);
}
