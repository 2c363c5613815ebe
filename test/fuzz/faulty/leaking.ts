import * as pec from '../../../nodes/pec/message.ts';

const kept: Buffer[] = [];

/** Remembers something of every message. */
export const readPecMessage: typeof pec.readPecMessage = async (raw, options) => {
	kept.push(Buffer.alloc(30_000, raw[0]));
	return await pec.readPecMessage(raw, options);
};
