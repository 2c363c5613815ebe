import { ALFA2, CLIENTE, COPIA, KINDS, STUDIO } from './pecGallery.ts';

/** Each kind of message that a provider writes, and the name of the one that Alfa and the one that Beta wrote. */
export const WRITTEN = [
	{ kind: 'transport envelope', alfa: KINDS[5], beta: KINDS[6] },
	{ kind: 'anomaly envelope', alfa: `anomalyEnvelope ${ALFA2}`, beta: KINDS[14] },
	{ kind: 'acceptance', alfa: KINDS[0], beta: KINDS[1] },
	{ kind: 'non-acceptance', alfa: `non-accettazione ${STUDIO}`, beta: KINDS[2] },
	{
		kind: 'non-acceptance, virus',
		alfa: `non-accettazione ${STUDIO} virus`,
		beta: 'non-accettazione cliente04@pec.beta.test virus',
	},
	{ kind: 'taken in charge', alfa: KINDS[4], beta: KINDS[3] },
	...(['completa', 'breve', 'sintetica'] as const).flatMap((content) => [
		{
			kind: `delivery, ${content}, To` as const,
			alfa: `avvenuta-consegna ${ALFA2} ${content}`,
			beta: `avvenuta-consegna ${CLIENTE} ${content}`,
		},
		{
			kind: `delivery, ${content}, Cc` as const,
			alfa: `avvenuta-consegna ${STUDIO} ${content}`,
			beta: `avvenuta-consegna ${COPIA} ${content}`,
		},
	]),
	{ kind: 'non-delivery, 5.1.1', alfa: KINDS[11], beta: KINDS[10] },
	{
		kind: 'non-delivery, 5.1.2',
		alfa: 'errore-consegna x@dismesso.pec.alfa.test errori',
		beta: 'errore-consegna x@dismesso.pec.beta.test errori',
	},
	{
		kind: 'non-delivery, 5.2.1',
		alfa: 'errore-consegna sospeso@pec.alfa.test errori',
		beta: KINDS[13],
	},
	{
		kind: 'non-delivery, 5.2.2',
		alfa: 'errore-consegna pieno@pec.alfa.test errori',
		beta: KINDS[12],
	},
	{
		kind: 'non-delivery, virus',
		alfa: `errore-consegna ${CLIENTE} virus`,
		beta: `errore-consegna ${ALFA2} virus`,
	},
	...(['12h', '24h'] as const).map((hours) => ({
		kind: `delay, ${hours}` as const,
		alfa: `preavviso-errore-consegna ${CLIENTE} ${hours}`,
		beta: `preavviso-errore-consegna ${ALFA2} ${hours}`,
	})),
	{
		kind: 'virus detected',
		alfa: `rilevazione-virus ${ALFA2} virus`,
		beta: `rilevazione-virus ${CLIENTE} virus`,
	},
] as const;

export type WrittenKind = (typeof WRITTEN)[number]['kind'];

/** Every message of WRITTEN on its own. */
export const EVERY = WRITTEN.flatMap(({ kind, alfa, beta }) => [
	{ kind, issuer: 'alfa' as const, name: alfa },
	{ kind, issuer: 'beta' as const, name: beta },
]);
