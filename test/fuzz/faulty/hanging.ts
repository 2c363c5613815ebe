import * as pec from '../../../nodes/pec/message.ts';

/** Never comes to an end with one kind of message. */
export const readPecMessage: typeof pec.readPecMessage = async (raw, options) => {
	while (Buffer.from(raw).includes('X-Trasporto: errore'));
	return await pec.readPecMessage(raw, options);
};
