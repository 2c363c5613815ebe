import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { IDataObject, IRun, ITriggerFunctions } from 'n8n-workflow';
import type * as Node from '../../../nodes/PecTrigger/PecTrigger.node.ts';
import type { Contestant } from '../contest.ts';

/** What PEC Trigger watches without an n8n. */
export interface AloneSettings {
	/** Folder of the compiled sources. */
	readonly library: string;
	/** Fields of the credential. */
	readonly credential: IDataObject;
	/** The mailbox's own, one at least; each has to start one run. */
	readonly messages: number;
	/** Gets the JSON of the first run's item. */
	readonly itemFile: string;
}

/** No run for so long: then none comes any more. */
const PATIENCE_MS = 60_000;

/** The node itself, from the beginning of a mailbox, in an n8n that counts runs and ends each at once. */
export async function watching(settings: AloneSettings): Promise<Contestant> {
	const { library, messages } = settings;
	const require = createRequire(join(library, 'index.js'));
	const { PecTrigger } = require('./nodes/PecTrigger/PecTrigger.node.js') as typeof Node;
	return await Promise.resolve({
		units: messages,
		run: async () => {
			const runs = new Runs(settings);
			const { closeFunction } = await new PecTrigger().trigger.call(runs.functions());
			await runs.all;
			await closeFunction?.();
			runs.insist();
		},
	});
}

export const contestants = { watching };

/** The runs of one trigger, of which nothing is kept but whose they were. */
class Runs {
	readonly all: Promise<void>;
	readonly #settings: AloneSettings;
	readonly #node = randomUUID();
	readonly #ids = new Set<string>();
	readonly #patience: NodeJS.Timeout;
	#count = 0;
	#reached: () => void = () => undefined;

	constructor(settings: AloneSettings) {
		this.#settings = settings;
		let giveUp: (reason: Error) => void = () => undefined;
		this.all = new Promise((resolve, reject) => {
			this.#reached = resolve;
			giveUp = reject;
		});
		this.#patience = setTimeout(
			() => giveUp(new Error(`${this.#count} of ${settings.messages} messages had a run`)),
			PATIENCE_MS,
		);
	}

	/** As much of n8n as the trigger uses. */
	functions(): ITriggerFunctions {
		const parameters: Readonly<Record<string, unknown>> = {
			watchFor: 'newPec',
			startFrom: 'beginning',
		};
		const memory = {};
		return {
			getMode: () => 'trigger',
			getActivationMode: () => 'activate',
			getNodeParameter: (name: string, otherwise: unknown) => parameters[name] ?? otherwise,
			getCredentials: async () => await Promise.resolve(this.#settings.credential),
			getInstanceId: () => 'bench',
			getWorkflow: () => ({ id: 'bench' }),
			getNode: () => ({ id: this.#node, name: 'PEC Trigger' }),
			getTimezone: () => 'Europe/Rome',
			getWorkflowSettings: () => ({ errorWorkflow: 'another' }),
			getWorkflowStaticData: () => memory,
			logger: { info: () => undefined, warn: () => undefined },
			saveFailedExecution: () => undefined,
			helpers: {},
			emit: this.#emit,
		} as unknown as ITriggerFunctions;
	}

	/** @throws Error unless each message had one run */
	insist(): void {
		const { messages } = this.#settings;
		if (this.#count === messages && this.#ids.size === messages) return;
		throw new Error(`${this.#count} runs of ${this.#ids.size} of ${messages} messages`);
	}

	readonly #emit: ITriggerFunctions['emit'] = (data, _response, done) => {
		const json = data[0]?.[0]?.json ?? {};
		if (this.#count === 0) writeFileSync(this.#settings.itemFile, JSON.stringify(json));
		this.#count += 1;
		this.#ids.add(String((json.envelope as IDataObject | undefined)?.messageId));
		this.#patience.refresh();
		setImmediate(() => done?.resolve({ status: 'success' } as IRun));
		if (this.#count < this.#settings.messages) return;
		clearTimeout(this.#patience);
		this.#reached();
	};
}
