import type { IBinaryKeyData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { PecSend } from '../../nodes/PecSend/PecSend.node.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { insistOnOutput } from '../outputFit.ts';
import { pecCredential } from '../servers/sandboxAccount.ts';
import { executeFunctions } from './executeFunctions.ts';
import { withExpressions } from './expressions.ts';

export const STUDIO = 'studio@pec.alfa.test';
export const ONE = 'cliente01@pec.beta.test';
export const TWO = 'cliente02@pec.beta.test';

export interface MailingResult {
	readonly json: IDataObject[];
	readonly error?: { readonly message: string; readonly description?: string | null };
	/** Messages of the hints. */
	readonly hints: string[];
	/** Recipients of what the server took. */
	readonly sent: string[];
}

export interface MailingCase {
	readonly operation?: 'send' | 'preview';
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly items?: readonly INodeExecutionData[];
	readonly continueOnFail?: boolean;
	readonly executionId?: string;
}

/** PEC Send in front of a provider of its own. */
export class MailingDesk {
	readonly sandbox: Sandbox;
	#seen = 0;

	constructor(sandbox: Sandbox) {
		this.sandbox = sandbox;
	}

	/** It ends with the test. */
	static async open(options: SandboxOptions = {}): Promise<MailingDesk> {
		const desk = new MailingDesk(await start(options));
		onTestFinished(async () => await desk.sandbox.stop());
		return desk;
	}

	/** For tests that do not see what others left. To be called while tests are declared. */
	static shared(): () => MailingDesk {
		let desk: MailingDesk | undefined;
		beforeAll(async () => {
			desk = new MailingDesk(await start());
		});
		afterAll(async () => await desk?.sandbox.stop());
		return () => {
			if (!desk) throw new Error('the tests have not begun');
			return desk;
		};
	}

	async run(given: MailingCase): Promise<MailingResult> {
		const parameters = {
			resource: 'mailing',
			operation: given.operation ?? 'send',
			mailingName: 'Invio',
			recipientsFrom: 'items',
			recipient: '={{ $json.pec }}',
			rowKey: '',
			subject: 'Avviso',
			text: 'Buongiorno',
			options: {},
			...given.parameters,
		};
		const items: readonly INodeExecutionData[] = given.items ?? [{ json: {} }];
		const hints: Array<{ message: string }> = [];
		const base = executeFunctions({
			credential: pecCredential(this.sandbox, STUDIO).data as IDataObject,
			parameters,
			items,
			continueOnFail: given.continueOnFail,
			executionId: given.executionId,
			hints,
		});
		const functions = withExpressions(base, parameters, items);
		Object.assign(functions, {
			helpers: {
				...base.helpers,
				getBinaryDataBuffer: async (index: number, field: string) =>
					Buffer.from(items[index]?.binary?.[field]?.data ?? '', 'base64'),
			},
		});
		const result = await new PecSend().execute.call(functions).then(
			([output = []]) => ({ json: output.map(({ json }) => json) }),
			(error: MailingResult['error']) => ({ json: [], error }),
		);
		insistOnOutput(`pecSend/${parameters.resource}/${parameters.operation}`, result.json);
		await this.sandbox.settled();
		const all = this.sandbox.log.submissions().flatMap(({ recipients }) => recipients);
		const sent = all.slice(this.#seen);
		this.#seen = all.length;
		return { ...result, hints: hints.map(({ message }) => message), sent };
	}

	/** Bodies and headers of what lies in a mailbox. */
	received(address: string): string[] {
		const messages = this.sandbox.store.account(address)?.folder('INBOX')?.messages ?? [];
		return messages.map(({ raw }) => raw.toString('latin1'));
	}
}

export function item(
	json: IDataObject,
	files: Readonly<Record<string, Buffer>> = {},
): INodeExecutionData {
	const binary: IBinaryKeyData = {};
	for (const [field, bytes] of Object.entries(files)) {
		binary[field] = {
			data: bytes.toString('base64'),
			mimeType: 'application/octet-stream',
			fileName: `${field}.pdf`,
		};
	}
	return { json, binary };
}
