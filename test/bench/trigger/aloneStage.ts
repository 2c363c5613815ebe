import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { start } from '../../../sandbox/index.ts';
import { ROOT } from '../../../scripts/folders.ts';
import type { PackedPackage } from '../../../scripts/editor/packPackage.ts';
import { pecCredential } from '../../servers/sandboxAccount.ts';
import { measureMemory, type MemoryFigures } from '../mailbox/memory.ts';
import type { AloneSettings } from './alone.ts';
import { PASSWORD } from './flows.ts';
import type { Letter } from './letters.ts';

export interface AlonePlan {
	/** Messages of the small mailbox. */
	readonly small: number;
	/** Of the large mailbox; the small one has the first of them. */
	readonly letters: readonly Letter[];
	readonly pecCa: string;
	/** The packed package. */
	readonly nodes: PackedPackage;
	/** Made. */
	readonly folder: string;
}

export interface AloneResult {
	readonly memory: MemoryFigures;
	/** JSON of an item of the trigger. */
	readonly itemFile: string;
}

/** What PEC Trigger's own process grows by when, after a small mailbox, it works off a large one. */
export async function measureAlone(plan: AlonePlan): Promise<AloneResult> {
	const { small, letters, pecCa, nodes, folder } = plan;
	mkdirSync(folder);
	// What n8n gives to a package beside its own dependencies; within the package it would get into n8n as well.
	const beside = join(nodes.folder, '..', 'node_modules');
	mkdirSync(beside);
	symlinkSync(join(ROOT, 'node_modules', 'n8n-workflow'), join(beside, 'n8n-workflow'), 'junction');
	const itemFile = join(folder, 'item.json');
	const mailboxes = {
		small: { address: 'small@pec.alfa.test', letters: letters.slice(0, small) },
		large: { address: 'large@pec.alfa.test', letters },
	};
	const accounts = Object.values(mailboxes).map(({ address }) => ({ address, password: PASSWORD }));
	const sandbox = await start({ accounts });
	try {
		const settingsOf = (mailbox: { address: string; letters: readonly Letter[] }) => {
			for (const { raw } of mailbox.letters) sandbox.deliverRaw(raw, mailbox.address);
			const credential = pecCredential(sandbox, mailbox.address, { pecCa }).data as IDataObject;
			const library = join(nodes.folder, 'dist');
			const messages = mailbox.letters.length;
			return { library, credential, messages, itemFile } satisfies AloneSettings;
		};
		const memory = await measureMemory('watching', new URL('alone.ts', import.meta.url).href, {
			small: settingsOf(mailboxes.small),
			large: settingsOf(mailboxes.large),
		});
		return { memory, itemFile };
	} finally {
		await sandbox.stop();
	}
}
