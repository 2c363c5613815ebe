import { eachItemInTurn, type Operation, type OperationTools } from '../../n8n/operations';
import { requestOf, runCleanUp, type CleanUpRequest } from './cleanUp';

/** Deletes what the plan allows; one item per message that is gone, and a summary. */
export const cleanUpDelete: Operation = eachItemInTurn<CleanUpRequest, OperationTools>(
	(item) => requestOf(item, new Date()),
	runCleanUp,
);
