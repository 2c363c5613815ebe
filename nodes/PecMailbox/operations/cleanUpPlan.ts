import { readCleanUpState } from '../../account/cleanUpState';
import { eachItem, type Operation } from '../../n8n/operations';
import { requestOf } from './cleanUp';

/** What Delete would do with each message, and why; nothing is changed. */
export const cleanUpPlan: Operation = eachItem(
	(item) => requestOf(item, new Date(), { isPlan: true }),
	async ({ criteria }, tools, itemIndex) => {
		const { planner } = await readCleanUpState(await tools.account.imap(), {
			account: tools.account.settings.address,
			records: await tools.account.records(),
			criteria,
		});
		const verdicts = planner.verdicts();
		const going = verdicts.filter(({ verdict }) => verdict === 'delete');
		const bytes = going.reduce((sum, { message }) => sum + message.size, 0);
		tools.hint(
			`Delete would delete ${going.length} of ${verdicts.length} messages and free ${(bytes / 1024 / 1024).toFixed(1)} MB. Nothing was deleted.`,
		);
		return verdicts.map(({ copyRecord, seen: _seen, ...plan }) => ({
			itemIndex,
			json: { plan: { ...plan, ...(copyRecord ? { location: copyRecord.location } : {}) } },
		}));
	},
);
