import type { FetchedMessage } from '../mail/types';

/** A message to be kept elsewhere, as the server gave it. */
export interface MessageToCopy extends FetchedMessage {
	readonly pecKey: string;
}

/** Somewhere outside the certified mailbox that keeps messages. Nothing it answers is believed: what it has is read back. */
export interface CopyStore {
	/**
	 * Puts the message there, once: what is there already is not put again.
	 * @returns where it is, in words by which a person or a program finds it
	 * @throws MailError
	 */
	put(message: MessageToCopy): Promise<string>;
	/** The bytes of the message as they are there now; `undefined` when it is not there. @throws MailError */
	read(message: Pick<MessageToCopy, 'pecKey' | 'size'>): Promise<Buffer | undefined>;
}
