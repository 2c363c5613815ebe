import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ICredentialType, INodeTypeDescription } from 'n8n-workflow';
import { ArchiveGoogleOAuth2Api } from '../../credentials/ArchiveGoogleOAuth2Api.credentials.ts';
import { ArchiveMailboxApi } from '../../credentials/ArchiveMailboxApi.credentials.ts';
import { ArchiveMicrosoftOAuth2Api } from '../../credentials/ArchiveMicrosoftOAuth2Api.credentials.ts';
import { PecApi } from '../../credentials/PecApi.credentials.ts';
import { PecMailbox } from '../../nodes/PecMailbox/PecMailbox.node.ts';
import { PecSend } from '../../nodes/PecSend/PecSend.node.ts';
import { PecTrigger } from '../../nodes/PecTrigger/PecTrigger.node.ts';
import type { SavedType } from './forms.ts';

export const SAVED_FOLDER = join(import.meta.dirname, 'saved');

/** All that workflows and credentials can be saved of. A credential is looked at like a node that has one version. */
export function descriptions(): INodeTypeDescription[] {
	const nodes = [new PecTrigger(), new PecSend(), new PecMailbox()];
	const credentials = [
		new PecApi(),
		new ArchiveMailboxApi(),
		new ArchiveMicrosoftOAuth2Api(),
		new ArchiveGoogleOAuth2Api(),
	];
	return [...nodes.map(({ description }) => description), ...credentials.map(asNode)];
}

function asNode({ name, displayName, properties }: ICredentialType): INodeTypeDescription {
	return {
		name,
		displayName,
		properties,
		version: 1,
		group: [],
		description: '',
		defaults: {},
		inputs: [],
		outputs: [],
	};
}

/** @returns [name of the file, what is frozen in it] */
export function savedTypes(): Array<[file: string, saved: SavedType]> {
	return readdirSync(SAVED_FOLDER)
		.filter((file) => file.endsWith('.json'))
		.map((file) => [file, JSON.parse(readFileSync(join(SAVED_FOLDER, file), 'utf8'))]);
}
