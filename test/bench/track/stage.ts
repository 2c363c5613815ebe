import type { IDataObject } from 'n8n-workflow';
import { start, type Sandbox } from '../../../sandbox/index.ts';
import { pecCredential } from '../../servers/sandboxAccount.ts';
import type { Settings } from './contestants.ts';
import { RECIPIENTS, senderOf, type MailingPlan } from './plan.ts';

const PASSWORD = 'prova-bench';
/** More than any mailing needs here; its bytes lie on disk. */
const QUOTA_BYTES = 1024 ** 4;
/** No limit that a run of the bench could reach. */
const PER_MINUTE = 10_000_000;

export interface Stage {
	readonly sandbox: Sandbox;
	/** As the sender's mailbox is now. @param imapPort another way to the same server */
	settingsOf(plan: MailingPlan, imapPort?: number): Settings;
	stop(): Promise<void>;
}

/** A provider with an account for each mailing. @param library folder of the compiled sources */
export async function openStage(plans: readonly MailingPlan[], library: string): Promise<Stage> {
	const addresses = [...plans.map(senderOf), ...RECIPIENTS];
	const sandbox = await start({
		accounts: addresses.map((address) => ({
			...{ address, password: PASSWORD, quotaLimit: QUOTA_BYTES },
		})),
	});
	return {
		sandbox,
		settingsOf: (plan, imapPort = sandbox.imap.port) => {
			const user = senderOf(plan);
			const receipts = sandbox.store.account(user)?.folder('INBOX')?.messages ?? [];
			const credential = pecCredential(sandbox, user, {
				...{ imapPort, messagesPerMinute: PER_MINUTE },
			});
			return {
				...{ library, plan, credential: credential.data as IDataObject },
				server: {
					...{ host: 'localhost', port: imapPort, tlsCa: sandbox.tlsCa },
					...{ user, password: PASSWORD },
				},
				messages: receipts.length,
				bytes: receipts.reduce((sum, { size }) => sum + size, 0),
			};
		},
		stop: async () => await sandbox.stop(),
	};
}
