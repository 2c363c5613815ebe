import { eachItem, type Operation } from '../../n8n/operations';
import { planCleanUp, readRequest } from './cleanUp';

/** What Delete would do with each message, and why; nothing is changed. */
export const cleanUpPlan: Operation = eachItem(readRequest, async (request, tools, itemIndex) => {
	const verdicts = await planCleanUp(request, tools);
	return verdicts.map(({ copyRecord, ...plan }) => ({
		itemIndex,
		json: { plan: { ...plan, ...(copyRecord ? { location: copyRecord.location } : {}) } },
	}));
});
