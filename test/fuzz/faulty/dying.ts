import * as pec from '../../../nodes/pec/message.ts';

/** Takes the whole process with it. */
export const readPecMessage: typeof pec.readPecMessage = async (raw, options) => {
	if (Buffer.from(raw).includes('X-Trasporto: errore')) process.exit(9);
	return await pec.readPecMessage(raw, options);
};
