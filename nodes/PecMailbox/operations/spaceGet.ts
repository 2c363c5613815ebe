import { readSpace } from '../../account/space';
import { eachItem, type Operation } from '../../n8n/operations';
import { readSpaceLimits } from './spaceLimits';

/** Used and total space and the size of each folder, bytes. Where the server has no QUOTA, the sum of the folders. */
export const spaceGet: Operation = eachItem(readSpaceLimits, async (limits, tools, itemIndex) => [
	{ itemIndex, json: { space: await readSpace(await tools.account.imap(), limits) } },
]);
