import { createHash } from 'node:crypto';
import { eachItem, type Operation } from '../../n8n/operations';
import { fileNameOf } from '../../n8n/messageItem';
import { locate, readChoice } from '../../n8n/locate';

/** A message as .eml, to the byte as the server holds it, with its SHA-256. */
export const preservationExport: Operation = eachItem(
	(item) => ({
		choice: readChoice(item),
		field: item.text('outputField', 'Put Output File in Field'),
	}),
	async ({ choice, field }, tools, itemIndex) => {
		const { message, place } = await locate(choice, tools);
		const { raw } = message;
		const sha256 = createHash('sha256').update(raw).digest('hex');
		const fileName = fileNameOf(choice.pecKey);
		return [
			{
				itemIndex,
				json: {
					pecKey: choice.pecKey,
					fileName,
					size: raw.length,
					sha256,
					mailbox: { ...place, sha256 },
				},
				binary: { [field]: { fileName, mimeType: 'message/rfc822', content: raw } },
			},
		];
	},
);
