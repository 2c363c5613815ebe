import { randomBytes } from 'node:crypto';

import type { OutsideMailboxes, Sandbox } from './contract.ts';
import { folderDetail, LmtpMailboxes } from './pec/lmtpMailboxes.ts';
import type { Submission } from './pec/mail.ts';
import { providerOf, type Provider } from './pec/provider.ts';
import type { AccountPlan } from './pec/provisioning.ts';
import { MailStore } from './store/mailStore.ts';

/** Its bytes lie where those of messages lie, however long it waits. Throws StorageFullError. */
export function kept(submission: Submission, store: MailStore): Submission {
	const bytes = store.keep(submission.raw);
	return {
		...submission,
		get raw() {
			return bytes.slice(0, bytes.size);
		},
	};
}

/** Each with the folder its provider sorts receipts into. Throws when an account belongs to no provider. */
export function openAccounts(
	store: MailStore,
	providers: readonly Provider[],
	plans: readonly AccountPlan[],
): Sandbox['accounts'] {
	return plans.map((plan) => {
		const provider = providerOf(providers, plan.address);
		if (provider === undefined) throw new Error("the domain of an account is no provider's");
		const account = store.addAccount(plan);
		const { receiptsFolder = 'INBOX' } = provider.dialect;
		if (account.folder(receiptsFolder) === undefined) account.createFolder(receiptsFolder);
		const { address, user, password } = account;
		return { address, user, password, provider: provider.name };
	});
}

/** Throws when the dialects ask for what the server cannot do. */
export function openOutside(
	{ lmtp }: OutsideMailboxes,
	store: MailStore,
	providers: readonly Provider[],
): LmtpMailboxes {
	for (const { dialect } of providers) {
		if (dialect.receiptsFolder !== undefined) folderDetail(lmtp, dialect.receiptsFolder);
	}
	return new LmtpMailboxes({
		server: lmtp,
		addressOf: (address) => store.account(address)?.address,
	});
}

/** In a store of their own: no user can sign in to them or write to them. */
export function openServiceMailboxes(providers: readonly Provider[], now: () => Date): MailStore {
	const store = new MailStore({ now });
	for (const { serviceAddress } of providers) {
		store.addAccount({ address: serviceAddress, password: randomBytes(16).toString('hex') });
	}
	return store;
}
