import type { ITriggerFunctions } from 'n8n-workflow';
import { nodeError, UserError } from '../n8n/errors';
import type { HealthReport } from './health';
import type { TriggerSettings } from './settings';
import { knownZone } from '../n8n/zonedTime';

const HOUR_MS = 60 * 60_000;
/** The longest a timer of Node can wait; asked for more, it fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Holds no address, unlike the keys of sendings. */
const PEC_KEY = /^[0-9a-f]{64}-\d+$/;

/** n8n tells an execution that was started before by the fourth argument of `emit`; older ones do not take it. */
const EMIT_WITH_KEY = 4;

/** What this n8n, or this workflow, keeps the trigger from promising; for the log, since a trigger has no other voice. */
export function missingOf(
	functions: Pick<ITriggerFunctions, 'emit' | 'saveFailedExecution' | 'getWorkflowSettings'>,
): string[] {
	const missing: string[] = [];
	if (functions.emit.length < EMIT_WITH_KEY) {
		missing.push(
			'this n8n is too old to tell a run that was started before: if n8n dies while a run is under way, the message starts a second one. Update n8n, or register on pecKey',
		);
	}
	if (typeof functions.saveFailedExecution !== 'function') {
		missing.push(
			'this n8n is too old to take notices of outages: look at its log, use the heartbeat, or update n8n',
		);
	} else if (!functions.getWorkflowSettings().errorWorkflow) {
		missing.push(
			'no error workflow is set: nobody is told of outages, nor of messages that are given up. Choose one in the workflow settings',
		);
	}
	return missing;
}

export function tellWhatIsMissing(
	functions: ITriggerFunctions,
	{ healthNotices }: TriggerSettings,
): void {
	if (!healthNotices) return;
	for (const what of missingOf(functions)) {
		functions.logger.warn(`${functions.getNode().name}: ${what}`);
	}
}

/** Of an event that is not offered any more. @param key the event's; only a message's own key may be shown */
export function giveUp(
	functions: ITriggerFunctions,
	{ failures, crashes }: { failures: number; crashes: number },
	key: string,
): void {
	// "Go on": n8n itself tells of the one run that failed.
	if (failures < 2 && crashes === 0) return;
	const which = PEC_KEY.test(key) ? `A message (pecKey ${key})` : 'An event';
	const why =
		failures < 2
			? `n8n ended ${crashes} times while a run for it was under way`
			: `the workflow failed ${failures} times`;
	const error = new UserError(
		`${which} is not offered again: ${why}`,
		'Look at the failed executions, mend the workflow, and run it on that message again (Executions: Retry)',
	);
	functions.saveFailedExecution?.(nodeError(functions.getNode(), error));
}

/** Of a run that goes on, or ended, at a worker, and that nobody saw the end of. */
export function tellHandedOver(functions: ITriggerFunctions, key: string): void {
	const which = PEC_KEY.test(key) ? `a message (pecKey ${key})` : 'an event';
	const error = new UserError(
		`The run for ${which} went on at a worker while n8n's main process was restarted, so its end was not seen; it is not started again`,
		'Look at that run in the executions; if it did not succeed, run it again there (Retry)',
	);
	functions.logger.warn(`${functions.getNode().name}: ${error.message}`);
	functions.saveFailedExecution?.(nodeError(functions.getNode(), error));
}

export function tellHealth(
	functions: ITriggerFunctions,
	{ healthNotices }: TriggerSettings,
	{ state, since, cause, whatToDo }: HealthReport,
): void {
	const time = timeIn(functions.getTimezone(), new Date(since));
	const error = new UserError(
		state === 'reachable'
			? `New messages start runs again since ${time}`
			: `New messages start no runs since ${time}. ${cause ?? ''}`,
		whatToDo ??
			(state === 'reachable'
				? 'Nothing is to be done: what arrived meanwhile starts its runs now'
				: 'It is tried again all the time; if it stays so, look at the log of n8n'),
	);
	functions.logger.warn(`${functions.getNode().name}: ${error.message}`);
	if (healthNotices) functions.saveFailedExecution?.(nodeError(functions.getNode(), error));
}

function timeIn(timeZone: string, time: Date): string {
	const zone = knownZone(timeZone);
	const written = time.toLocaleString('en-GB', {
		timeZone: zone,
		dateStyle: 'medium',
		timeStyle: 'short',
	});
	return `${written} (${zone})`;
}

/** A run at intervals that says how the connection is; `undefined` when none is asked for. */
export function heartbeat(
	functions: ITriggerFunctions,
	{ heartbeatHours }: TriggerSettings,
	report: () => HealthReport,
): NodeJS.Timeout | undefined {
	if (heartbeatHours <= 0) return undefined;
	const beat = () => functions.emit([[{ json: { health: { ...report() } } }]]);
	return setInterval(beat, Math.min(heartbeatHours * HOUR_MS, LONGEST_TIMER_MS)).unref();
}
