import { applyPurge } from '../../account/deletion';
import { eachItem, type Operation } from '../../n8n/operations';
import { planCleanUp, readRequest } from './cleanUp';

/** Deletes what the plan allows; one item per message that is gone. */
export const cleanUpDelete: Operation = eachItem(readRequest, async (request, tools, itemIndex) => {
	const verdicts = await planCleanUp(request, tools);
	const outcomes = await applyPurge({
		imap: await tools.account.imap(),
		records: await tools.account.records(),
		verdicts,
		now: tools.now,
		signal: tools.signal,
	});
	const deleted = outcomes.flatMap((outcome) =>
		outcome.result === 'deleted' ? [{ itemIndex, json: { deletion: outcome.deletion } }] : [],
	);
	const kept = verdicts.length - deleted.length;
	tools.hint(
		`${deleted.length} messages deleted, ${kept} kept. Clean Up: Plan says of each why it is kept.`,
	);
	return deleted;
});
