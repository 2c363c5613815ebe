import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type * as SpaceScanRoom from '../../../nodes/account/spaceScan.ts';
import type * as Imap from '../../../nodes/mail/imap.ts';
import type * as Node from '../../../nodes/PecMailbox/PecMailbox.node.ts';
import type { SpaceReport } from '../../../nodes/pec/spaceReportTypes.ts';
import { executeFunctions } from '../../nodes/executeFunctions.ts';
import type { Contestant } from '../contest.ts';
import { openBinaryStore, type BinaryStore } from './binaryStore.ts';
import type { RawServer } from './rawSocket.ts';

/** What a mailbox is read with. */
export interface Settings {
	/** Folder of the compiled sources. */
	readonly library: string;
	readonly server: RawServer;
	/** Messages in INBOX. */
	readonly messages: number;
	/** Their RFC822.SIZE together. */
	readonly bytes: number;
	/** Made; each contestant makes a folder of its own in it. */
	readonly folder: string;
}

function credentialOf({ host, port, tlsCa, user, password }: RawServer): IDataObject {
	const servers = { imapHost: host, imapPort: port, imapSecurity: 'tls' };
	return { provider: 'custom', email: user, password, ...servers, smtpHost: host, tlsCa };
}

/** The node itself, as n8n runs it: one item, and what it puts out. */
async function runNode(
	{ library, server }: Settings,
	parameters: Readonly<Record<string, unknown>>,
	store?: BinaryStore,
): Promise<INodeExecutionData[]> {
	const require = createRequire(join(library, 'index.js'));
	const { PecMailbox } = require('./nodes/PecMailbox/PecMailbox.node.js') as typeof Node;
	const functions = executeFunctions({
		credential: credentialOf(server),
		parameters: { options: {}, ...parameters },
		...(store ? { prepareBinaryData: store.prepareBinaryData } : {}),
	});
	const [items = []] = await new PecMailbox().execute.call(functions);
	return items;
}

function insist(isRight: boolean, what: string): void {
	if (!isRight) throw new Error(what);
}

let store: Promise<BinaryStore> | undefined;

/** Preservation: Export of a whole folder, into n8n's binary store. */
export async function exporting(settings: Settings): Promise<Contestant> {
	const opened = await (store ??= openBinaryStore(join(settings.folder, 'n8n')));
	const parameters = {
		...{ resource: 'preservation', operation: 'export', messagesFrom: 'period' },
		...{ folder: 'INBOX', outputField: 'data' },
	};
	return {
		units: settings.messages,
		run: async () => {
			const items = await runNode(settings, parameters, opened);
			const bytes = items.reduce((sum, { binary }) => sum + Number(binary?.data?.bytes), 0);
			const hashes = new Set(items.map(({ json }) => json.sha256));
			insist(bytes === settings.bytes, `${bytes} of ${settings.bytes} bytes were stored`);
			insist(hashes.size === settings.messages, `${hashes.size} messages were told apart`);
		},
		tidy: () => opened.empty(),
	};
}

/** The scan that a report of the space rests on: kind, size, date and ids of every message. */
export async function scanning({
	library,
	server,
	messages,
	bytes,
}: Settings): Promise<Contestant> {
	const require = createRequire(join(library, 'index.js'));
	const { openImap } = require('./nodes/mail/imap.js') as typeof Imap;
	const { scanSpace } = require('./nodes/account/spaceScan.js') as typeof SpaceScanRoom;
	const { host, port, tlsCa, user, password } = server;
	const account = { address: user, user, password, tlsCa, imap: { host, port, secure: true } };
	return {
		units: messages,
		run: async () => {
			const imap = await openImap(account);
			const scan = await scanSpace(imap, {
				...{ account: user, folders: ['INBOX'], certification: false },
			});
			await imap.close();
			const ids = new Set(scan.messages.map(({ headers }) => headers.envelope.messageId));
			const known = scan.messages.filter(({ headers }) => headers.kind !== 'ordinary');
			const size = scan.messages.reduce((sum, each) => sum + each.size, 0);
			insist(ids.size === messages && known.length === messages, `${ids.size} messages were read`);
			insist(size === bytes, `${size} of ${bytes} bytes were counted`);
		},
	};
}

/** Message: Get Many of a whole folder: an item each, with its certification data. */
export async function listing(settings: Settings): Promise<Contestant> {
	const parameters = {
		...{ resource: 'message', operation: 'getMany', folders: 'one', folder: 'INBOX' },
		...{ returnAll: true, filters: {} },
	};
	return {
		units: settings.messages,
		run: async () => {
			const items = await runNode(settings, parameters);
			const certified = items.filter(({ json }) => json.certification !== undefined);
			insist(certified.length === settings.messages, `${certified.length} messages were listed`);
		},
	};
}

/** Space: Report, with what clean-ups would free. */
export async function reporting(settings: Settings): Promise<Contestant> {
	const parameters = {
		...{ resource: 'space', operation: 'report', threshold: 80, language: 'it' },
		olderThanDays: '30, 90, 365',
	};
	return {
		units: settings.messages,
		run: async () => {
			const [item] = await runNode(settings, parameters);
			const { report } = item?.json as unknown as { report: SpaceReport };
			const { messages, size } = report.total;
			insist(messages === settings.messages && size === settings.bytes, 'not all was counted');
		},
	};
}

/** Clean Up: Plan of everything, of which nothing has a copy: a verdict for each message. */
export async function planning(settings: Settings): Promise<Contestant> {
	const parameters = {
		...{ resource: 'cleanUp', operation: 'plan', olderThanDays: 0, copyRequired: 'checked' },
		...{ keepUnread: false, folders: [], kinds: [] },
	};
	return await Promise.resolve({
		units: settings.messages,
		run: async () => {
			const items = await runNode(settings, parameters);
			const planned = items.filter(({ json }) => json.plan !== undefined);
			insist(planned.length === settings.messages, `${planned.length} messages were planned`);
		},
	});
}
