import { UserError } from '../../n8n/errors';
import type { Parameters } from '../../n8n/parameters';

const MIB = 1024 * 1024;

export interface SpaceLimits {
	/** Percent. */
	readonly threshold: number;
	/** Bytes. */
	readonly givenLimit?: number;
}

/** @throws UserError for a size that is none */
export function readSpaceLimits(item: Parameters): SpaceLimits {
	const threshold = item.number('threshold', 'Threshold');
	const { mailboxSize = 0 } = item.collection('options');
	const megabytes = String(mailboxSize).trim() === '' ? 0 : Number(mailboxSize);
	if (!Number.isFinite(megabytes) || megabytes < 0) {
		throw new UserError(
			'Mailbox Size is no number of megabytes',
			'Write it as digits, like 1024 for 1 GB, or check the expression in Mailbox Size for this item.',
		);
	}
	return { threshold, ...(megabytes === 0 ? {} : { givenLimit: Math.round(megabytes * MIB) }) };
}
