import type { FailureReason, RecipientOutcome, ReceiptEvidence } from './types';

type OutcomeError = NonNullable<RecipientOutcome['error']>;

const FAILURES: Readonly<Record<FailureReason, Omit<OutcomeError, 'reason'>>> = {
	addressUnknown: {
		message:
			'The recipient has no such PEC address, or it is suspended. Look the address up again (INI-PEC, IPA) before sending.',
		retry: 'never',
	},
	mailboxFull: {
		message:
			"The recipient's mailbox is full. Send again in a few days, and let the recipient know by other means.",
		retry: 'later',
	},
	mailboxDisabled: {
		message:
			"The recipient's mailbox is disabled. Look the address up again (INI-PEC, IPA) before sending.",
		retry: 'never',
	},
	domainUnknown: {
		message:
			"The address's domain does not exist or is no PEC domain. Correct the address, then send.",
		retry: 'never',
	},
	timeout12h: {
		message:
			'Not delivered within 12 hours; the provider keeps trying. Wait for the delivery receipt or the second notice.',
		retry: 'later',
	},
	timeout24h: {
		message: 'Not delivered within 24 hours: the provider gave up. Send again.',
		retry: 'now',
	},
	virus: {
		message:
			'A virus was found in the message. Check the attachments before sending anything again.',
		retry: 'never',
	},
	refused: {
		message:
			'The provider refused the message. Read the notice for the cause, correct it, then send.',
		retry: 'never',
	},
	other: {
		message:
			'The provider reports a failure without a known cause. Read the notice before sending again.',
		retry: 'never',
	},
};

/** Why the receipt brings no delivery, in words, with what to do. */
export function failureOf(receipt: ReceiptEvidence): OutcomeError {
	const reason = receipt.error?.reason ?? 'other';
	if (receipt.type === 'deliveryDelay' && reason === 'other') {
		const message =
			'A delay notice without its hour: delivered not yet, or not at all. Read the notice before sending again.';
		return { reason, message, retry: 'later' };
	}
	return { reason, ...FAILURES[reason] };
}

export const REJECTED: OutcomeError = {
	reason: 'rejected',
	message:
		'The mail server refused the message: nothing was sent and no receipt will come. Correct what its reply names, then send again.',
	retry: 'never',
};

/** A message that its provider took for some of its recipients only; `message` names those it refused. */
export function partlyRefused(message: string): OutcomeError {
	return { reason: 'partlyRefused', message, retry: 'never' };
}

export const UNCLEAR: OutcomeError = {
	reason: 'inDoubt',
	message:
		'Unclear whether the message was sent: check the Sent folder and the receipts before resending.',
	retry: 'never',
};

export const DEFERRED: OutcomeError = {
	reason: 'deferred',
	message: 'Not sent yet: the mail server asked to try again later.',
	retry: 'later',
};

export const NOT_CERTIFIED: OutcomeError = {
	reason: 'notCertified',
	message:
		'The recipient is ordinary e-mail: no delivery receipt will come. Use a PEC address if delivery must be proved.',
	retry: 'never',
};
