import type { Records } from './records';

/**
 * What a run does with its records while messages are on their way, one request after the other: each look opens the folder
 * anew, and what was opened before is of no use then.
 */
export function recordsInTurn(
	records: () => Promise<Records>,
): () => Promise<Pick<Records, 'leases' | 'writeSubmissions'>> {
	let last: Promise<unknown> = Promise.resolve();
	async function inTurn<T>(work: (records: Records) => Promise<T>): Promise<T> {
		const turn = last.then(async () => await work(await records()));
		last = turn.catch(() => undefined);
		return await turn;
	}
	const inLine: Pick<Records, 'leases' | 'writeSubmissions'> = {
		writeSubmissions: async (mailing, entries) =>
			await inTurn(async (open) => await open.writeSubmissions(mailing, entries)),
		leases: {
			read: async (upTo) => await inTurn(async ({ leases }) => await leases.read(upTo)),
			write: async (nonce, step) =>
				await inTurn(async ({ leases }) => await leases.write(nonce, step)),
			remove: async (uids) => await inTurn(async ({ leases }) => await leases.remove(uids)),
		},
	};
	return async () => await Promise.resolve(inLine);
}
