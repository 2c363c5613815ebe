import type { CommandDefinition } from '../command.ts';
import { appendCommands } from './append.ts';
import { authCommands } from './auth.ts';
import { compressCommands } from './compress.ts';
import { copyCommands } from './copy.ts';
import { expungeCommands } from './expunge.ts';
import { fetchCommands } from './fetch.ts';
import { folderCommands } from './folder.ts';
import { idleCommands } from './idle.ts';
import { listCommands } from './list.ts';
import { quotaCommands } from './quota.ts';
import { searchCommands } from './search.ts';
import { selectCommands } from './select.ts';
import { sessionCommands } from './session.ts';
import { storeCommands } from './store.ts';

/** Every command the server knows, by upper-case name. */
export const COMMANDS: ReadonlyMap<string, CommandDefinition> = new Map(
	Object.entries({
		...sessionCommands,
		...authCommands,
		...selectCommands,
		...listCommands,
		...folderCommands,
		...appendCommands,
		...fetchCommands,
		...searchCommands,
		...storeCommands,
		...copyCommands,
		...expungeCommands,
		...idleCommands,
		...quotaCommands,
		...compressCommands,
	}),
);
