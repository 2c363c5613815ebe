import type { Operation } from '../../n8n/operations';
import type { RecipientOutcome } from '../../pec/types';
import { overRows } from './overRows';
import { sendLetters } from './sendLetters';

/** Shows the rows of which nobody knows whether they were sent; or, when a person decided so, sends them again. */
export const mailingResendUnclear: Operation = overRows(
	(first) => (first.text('unclearRows') === 'send' ? 'send' : 'show'),
	async function* (letters, tools, rows) {
		const mode = { kind: 'resendUnclear', rows } as const;
		let shown = 0;
		for await (const { outcome, ...output } of sendLetters({ ...letters, mode }, tools)) {
			if (outcome.action === 'planned') shown += 1;
			yield { ...output, json: withAdvice(outcome) };
		}
		if (rows === 'show') {
			tools.hint(
				shown === 0
					? 'Nothing is unclear in this mailing. Nothing was sent.'
					: `${shown} unclear: look at them, then choose Send Them Again for those that are to be sent. Nothing was sent.`,
			);
		}
	},
);

const ADVICE = {
	soon: 'An acceptance receipt may still come: look again after 30 minutes. If one comes, the message was sent, and nothing needs to be done.',
	silent:
		'No acceptance receipt came within 30 minutes, so the message was probably not sent. Look into the folder for sent messages of your provider’s webmail, or ask the recipient; if it is not there, choose Send Them Again. If it was sent all the same, the recipient gets it twice.',
} as const;

function withAdvice(outcome: RecipientOutcome): RecipientOutcome & { readonly advice?: string } {
	if (outcome.state !== 'inDoubt') return outcome;
	return { ...outcome, advice: outcome.overdue === 'acceptance' ? ADVICE.silent : ADVICE.soon };
}
