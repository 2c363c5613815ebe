import { randomUUID } from 'node:crypto';
import type { IDataObject, INodeExecutionData, IRun, ITriggerFunctions } from 'n8n-workflow';
import type { AccountSettings } from '../../nodes/mail/types.ts';
import type { TriggerSettings } from '../../nodes/PecTrigger/settings.ts';
import { RULES } from './watching.ts';

type Done = { resolve(run: IRun | undefined): void };

/** What n8n is to a trigger: it tells keys that it knows, keeps static data, and ends runs as a test says. */
export class FakeEditor {
	/** Keys of the runs that were started, in order. */
	readonly keys: string[] = [];
	readonly memory: IDataObject = {};
	readonly warnings: string[] = [];
	/** Signs of life. */
	beats = 0;
	/** Resolves with the end of a run. */
	running: (subject: string) => Promise<'success' | 'error'> = async () =>
		await Promise.resolve('success');
	/** Rejects while n8n cannot give the credential. */
	credential: () => Promise<void> = async () => await Promise.resolve();
	readonly settings: AccountSettings;
	readonly #node: string;

	/** @param node the trigger's id; another trigger unless given */
	constructor(settings: AccountSettings, node: string = randomUUID()) {
		this.settings = settings;
		this.#node = node;
	}

	/** Another process on the same database. */
	restarted(): FakeEditor {
		const next = new FakeEditor(this.settings, this.#node);
		Object.assign(next.memory, this.memory);
		next.keys.push(...this.keys);
		return next;
	}

	functions(): ITriggerFunctions {
		const { keys } = this;
		return {
			getInstanceId: () => 'instance',
			getWorkflow: () => ({ id: 'workflow' }),
			getNode: () => ({ id: this.#node, name: 'PEC Trigger' }),
			getTimezone: () => 'Europe/Rome',
			getWorkflowSettings: () => ({ errorWorkflow: 'another' }),
			getWorkflowStaticData: () => this.memory,
			logger: { info: () => undefined, warn: (text: string) => this.warnings.push(text) },
			saveFailedExecution: () => undefined,
			helpers: {},
			getCredentials: async () => {
				await this.credential();
				const { address, user, password, imap, smtp, tlsCa } = this.settings;
				return {
					provider: 'sandbox',
					email: address,
					user,
					password,
					imapHost: imap.host,
					imapPort: imap.port,
					imapSecurity: 'tls',
					smtpHost: smtp.host,
					smtpPort: smtp.port,
					smtpSecurity: 'tls',
					tlsCa,
				};
			},
			emit: (data: INodeExecutionData[][], _response: unknown, done: Done, key?: string) => {
				if (key === undefined) {
					this.beats += 1;
					return;
				}
				if (keys.includes(key)) {
					done.resolve(undefined);
					return;
				}
				keys.push(key);
				const { envelope } = (data[0]?.[0]?.json ?? {}) as { envelope?: { subject?: string } };
				void this.running(envelope?.subject ?? '').then((status) =>
					done.resolve({ status } as IRun),
				);
			},
		} as unknown as ITriggerFunctions;
	}
}

export const SETTINGS: TriggerSettings = {
	watchFor: 'newPec',
	receiptTypes: [],
	folders: undefined,
	startAt: 'now',
	rules: RULES,
	output: 'data',
	anomalies: false,
	ordinaryMail: true,
	sdi: 'included',
	sender: '',
	subject: '',
	mailing: '',
	markAsRead: false,
	healthNotices: true,
	heartbeatHours: 0,
};
