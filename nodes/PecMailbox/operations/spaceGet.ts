import type { ImapSession } from '../../mail/types';
import { isRecordsFolder } from '../../account/records';
import { eachItem, type Operation } from '../../n8n/operations';

/** Used and total space and the size of each folder, bytes. Where the server has no QUOTA, the sum of the folders. */
export const spaceGet: Operation = eachItem(
	(item) => item.number('threshold', 'Threshold'),
	async (threshold, tools, itemIndex) => [
		{ itemIndex, json: { space: await spaceOf(await tools.account.imap(), threshold) } },
	],
);

async function spaceOf(imap: ImapSession, threshold: number): Promise<object> {
	const { folders } = await imap.folderSizes();
	const shown = folders.filter(({ path }) => !isRecordsFolder(path));
	const quota = await imap.quota();
	if (quota === undefined) {
		const used = folders.reduce((sum, { size }) => sum + size, 0);
		return { used, source: 'sum', folders: shown };
	}
	const percent = quota.limit === 0 ? 0 : Math.round((quota.used / quota.limit) * 1000) / 10;
	return {
		used: quota.used,
		limit: quota.limit,
		percent,
		source: 'quota',
		folders: shown,
		overThreshold: percent > threshold,
	};
}
