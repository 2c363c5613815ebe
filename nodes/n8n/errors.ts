import { NodeOperationError, type INode } from 'n8n-workflow';
import { MailError } from '../mail/errors';

/** A fault that a user can mend: what happened, and what to do about it. */
export class UserError extends Error {
	readonly whatToDo: string;

	constructor(message: string, whatToDo: string) {
		super(message);
		this.name = 'UserError';
		this.whatToDo = whatToDo;
	}
}

/** What n8n shows: the item it happened to, what happened, what to do. Keeps no cause that could hold an address. */
export function nodeError(node: INode, error: unknown, itemIndex?: number): NodeOperationError {
	if (error instanceof NodeOperationError) return error;
	const message = error instanceof Error ? error.message : 'Something went wrong';
	return new NodeOperationError(
		node,
		itemIndex === undefined ? message : `${message} [item ${itemIndex}]`,
		{
			...(itemIndex === undefined ? {} : { itemIndex }),
			description: whatToDo(error),
		},
	);
}

export function whatToDo(error: unknown): string | undefined {
	if (error instanceof MailError || error instanceof UserError) return error.whatToDo;
	return undefined;
}
