import { createHash } from 'node:crypto';

import { escape as escapeXml } from '../pec/certificationData.ts';

/** What an evidence is about (EN 319 522-3, table 2); those the sandbox writes. */
export type RemEvent =
	'SubmissionAcceptance' | 'ContentConsignment' | 'ContentConsignmentFailure' | 'RelayRejection';

export interface Evidence {
	readonly identifier: string;
	readonly event: RemEvent;
	/** Words for a person; of what went wrong. */
	readonly reason?: string;
	readonly at: Date;
	readonly submittedAt: Date;
	/** Name of the provider that issues it. */
	readonly issuer: string;
	readonly sender: string;
	readonly recipients: readonly string[];
	/** Of the original message, without angle brackets. */
	readonly messageId: string;
	/** The message as it is attached to the dispatch. */
	readonly original: Buffer;
}

/**
 * The evidence as XML in ETSI's namespace. Which elements carry the namespace follows a stylesheet for real evidence of
 * the Polish service; order and the elements of the digest are not confirmed against the schema, and there is no XAdES
 * signature.
 */
export function writeEvidence(evidence: Evidence): string {
	const { event, at, submittedAt, issuer, sender, recipients, reason } = evidence;
	const digest = createHash('sha256').update(evidence.original).digest('base64');
	const lines = [
		'<?xml version="1.0" encoding="UTF-8"?>',
		'<erds:Evidence xmlns:erds="http://uri.etsi.org/19522/v1#"',
		' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"',
		' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">',
		element('erds:EvidenceIdentifier', evidence.identifier),
		element('erds:ERDSEventId', `http://uri.etsi.org/19522/Event/${event}`),
		...(reason === undefined
			? []
			: [
					`<erds:EventReasons><erds:EventReason>${element('Details', reason)}</erds:EventReason></erds:EventReasons>`,
				]),
		element('EventTime', utc(at)),
		element('erds:SubmissionTime', utc(submittedAt)),
		'<erds:EvidenceIssuerPolicyID>',
		element('PolicyID', 'urn:sandbox:rem:experimental'),
		'</erds:EvidenceIssuerPolicyID>',
		`<erds:EvidenceIssuerDetails>${legalName(issuer)}</erds:EvidenceIssuerDetails>`,
		`<erds:SenderDetails>${element('Identifier', sender)}</erds:SenderDetails>`,
		...recipients.map(
			(recipient) =>
				`<erds:RecipientDetails>${element('Identifier', recipient)}</erds:RecipientDetails>`,
		),
		element('erds:MessageIdentifier', evidence.messageId),
		'<erds:UserContentInfo>',
		element('ComposingParts', '1'),
		'<erds:PartsInfo><erds:PartInfo>',
		element('Identifier', evidence.messageId),
		element('ContentType', 'message/rfc822'),
		'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>',
		element('ds:DigestValue', digest),
		'</erds:PartInfo></erds:PartsInfo>',
		'</erds:UserContentInfo>',
		'</erds:Evidence>',
	];
	return `${lines.join('\n')}\n`;
}

function legalName(name: string): string {
	const attribute =
		'Name="http://eidas.europa.eu/attributes/legalperson/LegalName" FriendlyName="LegalName"';
	const value = element('saml:AttributeValue', name);
	return `<erds:Identity><saml:Attribute ${attribute}>${value}</saml:Attribute></erds:Identity>`;
}

/** Whole seconds, as the times of PEC. */
function utc(at: Date): string {
	return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

function element(name: string, text: string): string {
	return `<${name}>${escapeXml(text)}</${name}>`;
}
