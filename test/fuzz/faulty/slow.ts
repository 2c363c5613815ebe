import { pbkdf2Sync } from 'node:crypto';
import * as pec from '../../../nodes/pec/message.ts';

/** Takes its time over one kind of message. */
export const readPecMessage: typeof pec.readPecMessage = async (raw, options) => {
	if (Buffer.from(raw).includes('X-Trasporto: errore')) {
		pbkdf2Sync('', '', 3_000_000, 32, 'sha256');
	}
	return await pec.readPecMessage(raw, options);
};
