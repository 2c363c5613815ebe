import type { DeliveryEntry } from '../log.ts';
import type { MailStore } from '../store/mailStore.ts';
import type { Faults } from './faults.ts';

/** Passes the point of a delivery, within the delivery itself: what is to be hidden was seen by nobody. */
export function passDelivery(
	faults: Faults,
	store: MailStore,
	{ mailbox, folder, uid }: DeliveryEntry,
): void {
	const account = store.account(mailbox);
	if (account === undefined) return;
	void faults.reach({
		point: 'mailbox.delivered',
		account: account.address,
		mailbox: account,
		folder: account.folder(folder),
		uid,
	});
}
