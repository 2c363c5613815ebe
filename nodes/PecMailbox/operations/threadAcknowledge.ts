import { acknowledge, type Closing } from '../../account/acknowledge';
import { UserError } from '../../n8n/errors';
import { eachItem, type Operation } from '../../n8n/operations';
import { failureOf } from '../../pec/failure';
import { listedReceipt } from '../../pec/evidence';

/** A person closes a sending that did not end well; one item per sending. */
export const threadAcknowledge: Operation = eachItem(
	(item): Closing => {
		const recipient = item.text('recipient');
		return {
			messageId: item.text('messageId', 'Message-ID'),
			...(recipient === '' ? {} : { recipient }),
			note: item.text('note', 'Note'),
			closesAwaited: item.flag('closeAwaited', 'Also Close What Is Awaited'),
		};
	},
	async (closing, tools, itemIndex) => {
		const outcome = await acknowledge(await tools.account.imap(), closing, {
			account: tools.account.settings.address,
			records: await tools.account.records(),
			now: tools.now(),
		});
		if (outcome.result === 'nothing') throw nothingToClose(outcome.state);
		const { acknowledgement, failures, state, result } = outcome;
		const { failures: _keys, ...told } = acknowledgement;
		return [
			{
				itemIndex,
				json: {
					acknowledgement: {
						...told,
						state,
						wasClosed: result === 'wasClosed',
						failures: failures.map((failure) => ({
							...listedReceipt(failure),
							reason: failureOf(failure).reason,
						})),
					},
				},
			},
		];
	},
);

function nothingToClose(state: string): UserError {
	if (state === 'unknown') {
		return new UserError(
			'The mailbox knows no receipt of this message',
			'Check the Message-ID: it is the one of the message that was sent, not of a receipt.',
		);
	}
	return state === 'complete'
		? new UserError(
				'There is nothing to close: the message was delivered to everybody',
				'Clean Up deletes it once it is old enough and has a checked copy.',
			)
		: new UserError(
				'There is no failure to close: an outcome is still awaited',
				'Wait for the receipt. If none will come any more, switch on Also Close What Is Awaited.',
			);
}
