import { readFileSync } from 'node:fs';
import type { ImapFlow } from 'imapflow';
import { expect, onTestFinished } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { settledOf } from '../servers/watchRecords.ts';
import { STUDIO, createTriggerFlow, credentialFor, pec, startSandbox } from './flows.ts';
import type { NodeSpec } from './flows.ts';
import { useEditor } from './harness.ts';
import { openRegister, type Register } from './register.ts';

/** Long enough for a listener that is there to have started a run (pushes arrive within milliseconds). */
export const QUIET_MS = 1_500;

export const result: NodeSpec = {
	name: 'Result',
	type: 'n8n-nodes-base.noOp',
	typeVersion: 1,
	parameters: {},
};

/**
 * n8n then deletes runs that succeeded, and with them the keys by which it would refuse to start one twice: what is repeated is
 * seen.
 */
export const FORGETFUL = { saveDataSuccessExecution: 'none' };

/** The n8n of a test, and where it says what it does. */
export interface EditorAccess {
	readonly rest: EditorRest;
	readonly logFile: string;
}

export interface DeskOptions {
	readonly sandbox?: Sandbox;
	readonly sandboxOptions?: SandboxOptions;
	/** Instead of the one that all tests share. */
	readonly editor?: EditorAccess;
	/** Of the credential. */
	readonly credential?: Readonly<Record<string, unknown>>;
	readonly register?: Register;
	/** Between the trigger and the register. */
	readonly between?: readonly NodeSpec[];
	/** Of the workflow. */
	readonly settings?: Readonly<Record<string, unknown>>;
}

/** A mailbox that a trigger watches, and a register that its flow writes to. */
export interface TriggerDesk {
	readonly rest: EditorRest;
	readonly sandbox: Sandbox;
	readonly register: Register;
	readonly id: string;
	/** Publishes the workflow; taken down with the test. */
	activate(): Promise<void>;
	/** The same, and waits until the listener has looked at everything and idles. */
	activateAndIdle(): Promise<void>;
	arrive(...subjects: string[]): Promise<void>;
	/** Saves the credential, as it was made but for this. */
	changeCredential(changes: Readonly<Record<string, unknown>>): Promise<void>;
	/** Resolves when n8n logged this since the desk was opened. */
	logged(pattern: RegExp): Promise<void>;
	/**
	 * Lets one more message through, before which every other is offered, and waits until nothing runs any more.
	 * @returns what was written in all but for that message, sorted
	 */
	effects(): Promise<string[]>;
}

export async function openTriggerDesk(
	parameters: Readonly<Record<string, unknown>> = {},
	options: DeskOptions = {},
): Promise<TriggerDesk> {
	const { rest, logFile } = options.editor ?? (await useEditor());
	const sandbox = options.sandbox ?? (await startSandbox(options.sandboxOptions));
	const register = options.register ?? (await openRegister());
	const input = credentialFor(sandbox, options.credential);
	const credential = await rest.createCredential(input);
	const { id } = await createTriggerFlow(
		rest,
		[
			pec('pecTrigger', 'Trigger', credential, { watchFor: 'newPec', ...parameters }),
			...(options.between ?? []),
			register.node(),
		],
		options.settings,
	);
	const logged = logReader(logFile);
	let last = 0;
	const desk: TriggerDesk = {
		rest,
		sandbox,
		register,
		id,
		activate: async () => {
			expect(await rest.activate(id)).toMatchObject({ status: 'published' });
			onTestFinished(async () => await rest.deactivate(id));
		},
		activateAndIdle: async () => {
			const idle = idling(sandbox);
			await desk.activate();
			await idle.happened();
			idle.remove();
		},
		arrive: async (...subjects) => await arrive(sandbox, ...subjects),
		changeCredential: async (changes) =>
			await rest.replaceCredential(credential.id, {
				...input,
				data: { ...input.data, ...changes },
			}),
		logged,
		effects: async () => {
			last += 1;
			const subject = `the last (${last})`;
			await desk.arrive(subject);
			await expect
				.poll(() => register.entries, { timeout: 90_000, interval: 50 })
				.toContain(subject);
			await noneRuns(rest, id);
			return register.entries.filter((entry) => !entry.startsWith('the last (')).sort();
		},
	};
	return desk;
}

/** Strikes, and does nothing, when a listener waits for news. */
export function idling(sandbox: Sandbox) {
	return sandbox.faults.add({
		at: 'imap.command',
		command: 'IDLE',
		times: 'always',
		action: { do: 'call', run: () => undefined },
	});
}

export async function noneRuns(rest: EditorRest, id: string): Promise<void> {
	const running = async () =>
		(await rest.listExecutions(id)).filter(
			({ status }) => status === 'running' || status === 'new',
		);
	await expect.poll(running, { timeout: 30_000 }).toEqual([]);
}

/** Cuts every connection; the server is there again at once. */
export async function cut(sandbox: Sandbox): Promise<void> {
	await sandbox.goDown();
	await sandbox.comeBack();
}

export async function arrive(sandbox: Sandbox, ...subjects: string[]): Promise<void> {
	for (const subject of subjects) {
		await sandbox.sendAs('cliente02@pec.beta.test', { to: [STUDIO], subject, text: 'x' });
	}
	await sandbox.settled();
}

/** What the owner of the mailbox does in his mail program. */
export async function person(
	sandbox: Sandbox,
	work: (client: ImapFlow) => Promise<unknown>,
): Promise<void> {
	await asOwner(sandbox, STUDIO, work);
}

/** Sorted: n8n starts runs side by side, so their numbers say little of their order. */
export async function subjectsOf(rest: EditorRest, id: string, count: number): Promise<string[]> {
	const executions = await rest.waitForExecutions(id, count, 90_000);
	const subjects = executions.map((execution) => {
		const [item] = itemsOf(execution, 'Result');
		return (item?.json.original as { subject?: string } | undefined)?.subject ?? '';
	});
	return subjects.sort();
}

/** Resolves when the mailbox's records say so of so many events. */
export async function recordsSettled(sandbox: Sandbox, count: number): Promise<void> {
	await expect
		.poll(() => new Set(settledOf(sandbox, STUDIO)).size, { timeout: 10_000 })
		.toBe(count);
}

function logReader(logFile: string): (pattern: RegExp) => Promise<void> {
	const begin = readFileSync(logFile).length;
	return async (pattern) => {
		const said = () => readFileSync(logFile).subarray(begin).toString();
		await expect.poll(said, { timeout: 90_000, interval: 100 }).toMatch(pattern);
	};
}
