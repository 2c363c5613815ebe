import * as pec from '../../../nodes/pec/message.ts';

/** Fails on one kind of message. */
export const readPecMessage: typeof pec.readPecMessage = async (raw, options) => {
	if (Buffer.from(raw).includes('X-Trasporto: errore')) throw new TypeError('x is not a function');
	return await pec.readPecMessage(raw, options);
};
