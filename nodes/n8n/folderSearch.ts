import type {
	ILoadOptionsFunctions,
	INodeListSearchResult,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';
import { credentialOf } from './credential';
import { nodeError } from './errors';
import { withImap } from '../mail/imap';
import { messageFolders } from '../account/messageFolders';

const PICKER_TIMEOUT_MS = 20_000;

/** The mailbox's folders for a picker, without the one that holds our records. */
export async function searchFolders(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	try {
		const { settings } = await credentialOf(this);
		const paths = await withImap(settings, { timeoutMs: PICKER_TIMEOUT_MS }, messageFolders);
		const wanted = (filter ?? '').toLowerCase();
		return {
			results: paths
				.filter((path) => path.toLowerCase().includes(wanted))
				.map((path) => ({ name: path, value: path })),
		};
	} catch (error) {
		throw nodeError(this.getNode(), error);
	}
}

/** The same for a list of which several are chosen. */
export async function listFolders(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const { results } = await searchFolders.call(this);
	return results.map(({ name, value }) => ({ name, value }));
}

export function folderField(extra: Partial<INodeProperties>): INodeProperties {
	return {
		displayName: 'Folder (Cartella)',
		name: 'folder',
		type: 'resourceLocator',
		default: { mode: 'list', value: 'INBOX' },
		required: true,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod: 'searchFolders', searchable: true },
			},
			{
				displayName: 'By Path',
				name: 'path',
				type: 'string',
				placeholder: 'e.g. INBOX/Ricevute',
			},
		],
		...extra,
	};
}
