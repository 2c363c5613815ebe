import type { IDataObject } from 'n8n-workflow';
import { onTestFinished } from 'vitest';
import { PecMailbox } from '../../nodes/PecMailbox/PecMailbox.node.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { insistOnOutput } from '../outputFit.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { executeFunctions, type FakeExecution } from './executeFunctions.ts';

export const STUDIO = 'studio@pec.alfa.test';
export const ONE = 'cliente01@pec.beta.test';
export const TWO = 'cliente02@pec.beta.test';

export interface MailboxOutput {
	readonly json: IDataObject;
	/** By field. */
	readonly files: ReadonlyMap<string, { readonly fileName: string; readonly bytes: Buffer }>;
}

export interface MailboxRun {
	readonly outputs: readonly MailboxOutput[];
	readonly hints: readonly string[];
}

/** PEC Mailbox in front of a provider of its own. */
export class MailboxDesk {
	readonly sandbox: Sandbox;

	constructor(sandbox: Sandbox) {
		this.sandbox = sandbox;
	}

	/** It ends with the test. */
	static async open(options: SandboxOptions = {}): Promise<MailboxDesk> {
		const desk = new MailboxDesk(await start(options));
		onTestFinished(async () => await desk.sandbox.stop());
		return desk;
	}

	/** @param operation as `preservation:export` */
	async run(
		operation: string,
		parameters: Readonly<Record<string, unknown>>,
		given: Pick<FakeExecution, 'items' | 'continueOnFail' | 'prepareBinaryData'> = {},
	): Promise<MailboxRun> {
		const [resource, name] = operation.split(':');
		const hints: Array<{ message: string }> = [];
		const functions = executeFunctions({
			credential: pecCredential(this.sandbox, STUDIO).data as IDataObject,
			parameters: { resource, operation: name, options: {}, ...parameters },
			hints,
			...given,
		});
		const [items = []] = await new PecMailbox().execute.call(functions);
		insistOnOutput(
			`pecMailbox/${resource}/${name}`,
			items.map(({ json }) => json),
		);
		const outputs = items.map(({ json, binary = {} }) => ({
			json,
			files: new Map(
				Object.entries(binary).map(([field, { fileName = '', data }]) => [
					field,
					{ fileName, bytes: Buffer.from(data, 'base64') },
				]),
			),
		}));
		return { outputs, hints: hints.map(({ message }) => message) };
	}

	/** What lies in the studio's folder now. */
	raws(folder = 'INBOX'): Buffer[] {
		const messages = this.sandbox.store.account(STUDIO)?.folder(folder)?.messages ?? [];
		return messages.map(({ raw }) => Buffer.from(raw));
	}
}
