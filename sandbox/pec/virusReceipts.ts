import type { PecMail } from './mail.ts';
import type { Provider } from './provider.ts';
import { writeReceipt, type WrittenReceipt } from './receipts.ts';
import {
	infectedNonAcceptanceText,
	infectedNonDeliveryText,
	virusDetectionText,
} from './virusTexts.ts';

/** Avviso di non accettazione per virus, for the sender (RFC 6109 3.1.3). */
export async function writeInfectedNonAcceptance(
	provider: Provider,
	mail: PecMail,
	options: { at: Date; virus: string },
): Promise<WrittenReceipt> {
	const { at, virus } = options;
	return await writeReceipt(
		provider,
		mail,
		{
			type: 'non-accettazione',
			at,
			error: 'virus',
			extendedError: extendedError(provider, virus),
		},
		infectedNonAcceptanceText(mail, at, virus),
		{ securityCheckFailed: true },
	);
}

/** Avviso di rilevazione virus for one recipient, from the receiving provider to the sending one (RFC 6109 3.2.3). */
export async function writeVirusDetection(
	provider: Provider,
	mail: PecMail,
	options: { at: Date; recipient: string; virus: string; to: string },
): Promise<WrittenReceipt> {
	const { at, recipient, virus, to } = options;
	return await writeReceipt(
		provider,
		mail,
		{
			type: 'rilevazione-virus',
			at,
			error: 'virus',
			deliveredTo: recipient,
			extendedError: extendedError(provider, virus),
		},
		virusDetectionText(mail, at, recipient, virus),
		{ to, originalSender: mail.sender },
	);
}

/** Avviso di mancata consegna per virus of one recipient, from the sending provider to the sender (RFC 6109 3.2.4). */
export async function writeInfectedNonDelivery(
	provider: Provider,
	mail: PecMail,
	options: { at: Date; recipient: string; virus: string },
): Promise<WrittenReceipt> {
	const { at, recipient, virus } = options;
	return await writeReceipt(
		provider,
		mail,
		{
			type: 'errore-consegna',
			at,
			error: 'virus',
			deliveredTo: recipient,
			extendedError: extendedError(provider, virus),
		},
		infectedNonDeliveryText(mail, at, recipient, virus),
		{ securityCheckFailed: true },
	);
}

/** RFC 3463 3.8: a security matter without a status of its own. */
function extendedError(provider: Provider, virus: string): string {
	return `5.7.0 - ${provider.name} - rilevato un problema di sicurezza: ${virus}`;
}
