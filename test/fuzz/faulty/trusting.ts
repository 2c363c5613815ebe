import * as pec from '../../../nodes/pec/message.ts';

/** Takes the signer's word for the content. */
export const readPecMessage: typeof pec.readPecMessage = async (raw, options) => {
	const message = await pec.readPecMessage(raw, options);
	const consistent = message.signature?.signer === 'trusted' || message.consistent;
	const verified = message.signature?.signer === 'trusted';
	return { ...message, consistent, verified };
};
