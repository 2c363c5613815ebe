/** The library without n8n: reading PEC messages, planning mailings and clean-ups in any Node.js program. */
export { classifyPecMessage, readPecHeaders, readPecMessage } from './nodes/pec/message';
export { headerBlockOf, pecKeyOf } from './nodes/pec/pecKey';
export { composeMessage, encodeAttachment } from './nodes/pec/compose';
export type {
	ComposeLimits,
	DraftAttachment,
	EncodedAttachment,
	MessageDraft,
} from './nodes/pec/compose';
export {
	mailingTag,
	messageIdOf,
	normalizeAddress,
	planMailing,
	rowOfMessageId,
} from './nodes/pec/batch';
export type { Mailing, PlannedRow, PlanReason } from './nodes/pec/batch';
export { messagesIn } from './nodes/pec/messageFile';
export type { FileOutcome, FilePlace, FileProblem, SignedFile } from './nodes/pec/messageFile';
export { nameWithoutP7m, unwrapP7m } from './nodes/pec/p7m';
export type { P7mFailure, UnwrappedP7m } from './nodes/pec/p7m';
export { evidenceOf } from './nodes/pec/evidence';
export { outcomeOf } from './nodes/pec/outcome';
export { planPurge } from './nodes/pec/purge';
export type { PurgeRequest } from './nodes/pec/purge';
export { AddressError, ComposeError, MailingError } from './nodes/pec/errors';
export type { AddressErrorCode, ComposeErrorCode } from './nodes/pec/errors';
export type * from './nodes/pec/types';
