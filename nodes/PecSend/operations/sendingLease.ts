import { randomBytes } from 'node:crypto';
import { systemClock } from '../../account/clock';
import { SendingLease } from '../../account/lease';
import type { OperationTools } from '../../n8n/operations';
import { UserError } from '../../n8n/errors';

const LONGEST_WAIT_MS = 2 * 60_000;

/** 20 hexadecimal digits that no other run has. */
export function newNonce(): string {
	return randomBytes(10).toString('hex');
}

export function tellInLine(tools: OperationTools): void {
	tools.progress('Another run is sending from this account: waiting for it');
}

/** Does the work while no other run can send from the account; it is to be short. @throws UserError when others do not end */
export async function withSendingLease<T>(
	tools: OperationTools,
	work: () => Promise<T>,
): Promise<T> {
	const { account, signal } = tools;
	const lease = await SendingLease.acquire({
		records: async () => (await account.records()).leases,
		clock: systemClock,
		nonce: newNonce(),
		waitMs: LONGEST_WAIT_MS,
		...(signal ? { signal } : {}),
		onInLine: () => tellInLine(tools),
	});
	if (!lease) {
		throw new UserError(
			'Another run is sending from this account; nothing was done',
			'Wait until it has ended, or, if its n8n was ended in the middle, a quarter of an hour; then try again.',
		);
	}
	try {
		return await work();
	} finally {
		await lease.release();
	}
}
