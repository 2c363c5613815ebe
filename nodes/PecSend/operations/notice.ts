import type { OperationTools } from '../../n8n/operations';
import type { Parameters } from '../../n8n/parameters';
import type { AddressSource } from '../../pec/notice';
import type { Letter } from './letter';
import { UserError } from '../../n8n/errors';
import {
	ADDRESS_REGISTERS,
	dayIn,
	italianDayOf,
	NOTICE_SUBJECT,
	noticeSubjectOf,
} from '../../pec/notice';

const PURPOSES = ['ordinary', 'noticeL53'] as const;

/** The letter as its Purpose wants it. @throws UserError for what would make a notice under L. 53/1994 void */
export function letterFor(item: Parameters, letter: Letter): Letter {
	if (item.choice('purpose', 'Purpose', PURPOSES) === 'ordinary') return letter;
	if (letter.to.length !== 1) {
		throw new UserError(
			'To: a notice goes to exactly one recipient',
			'Make one item of each person who is to be served.',
		);
	}
	if (letter.cc.length > 0) {
		throw new UserError(
			'Cc: a notice has no copies',
			'Remove Cc: its delivery receipts are concise and prove no service.',
		);
	}
	if (letter.receiptContent !== 'complete') {
		throw new UserError(
			'Receipt Content: a notice needs the complete receipt',
			'Remove Receipt Content from the options: the complete delivery receipt proves what was served.',
		);
	}
	const subject = noticeSubjectOf(letter.subject);
	if (subject === undefined) {
		throw new UserError(
			'Subject: a notice must begin with the words of the law',
			`Begin Subject with "${NOTICE_SUBJECT}", or leave it empty; other words may follow.`,
		);
	}
	return { ...letter, subject, addressSource: addressSourceOf(item) };
}

function addressSourceOf(item: Parameters): AddressSource {
	const chosen = item.text('addressSource', 'Address Source');
	const register =
		chosen === 'other'
			? item.text('otherRegister', 'Other Register')
			: ADDRESS_REGISTERS.get(chosen);
	if (register === undefined) {
		throw new UserError(
			'Address Source has a value that is none of its choices',
			`Use one of ${[...ADDRESS_REGISTERS.keys(), 'other'].join(', ')} in the expression in Address Source.`,
		);
	}
	const date = dayIn(item.text('addressDate', 'Address Date'));
	if (date === undefined) {
		throw new UserError(
			'Address Date is no date',
			'Give the day on which the address was looked up, such as 2026-03-31.',
		);
	}
	return { register, date };
}

/** @throws UserError when the address was looked up on a day to come */
export function refuseFutureSource(
	{ addressSource }: Letter,
	tools: Pick<OperationTools, 'now'>,
): void {
	if (addressSource === undefined || addressSource.date <= italianDayOf(tools.now())) return;
	throw new UserError(
		'Address Date is in the future',
		'Give the day on which the address was looked up in the register.',
	);
}
