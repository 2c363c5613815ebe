import { headerField } from '../pec/headers.ts';
import { base64Lines, multipart, textPart } from '../pec/mimeParts.ts';
import type { Provider } from '../pec/provider.ts';
import { romeTime } from '../pec/romeTime.ts';
import { signedMessage } from '../pec/signedMessage.ts';
import { signDetached } from '../pki/cms.ts';
import type { RemEvent } from './evidence.ts';

/** One evidence section of a message. */
export interface EvidenceSection {
	readonly event: RemEvent;
	readonly xml: string;
}

/**
 * A REM dispatch (with the original) or receipt (without), S/MIME-signed (EN 319 532-3). Of its fields only
 * `REM-Section-Type: rem_message/original`, the names of the attachments and REM-UAMessageIdentifier were seen, in notes to
 * ETSI's examples; that an evidence section is called `rem_message/evidence` is a guess.
 */
export function writeRemMessage(
	provider: Provider,
	message: {
		readonly at: Date;
		/** Finished lines, without those of MIME. */
		readonly headers: string;
		readonly text: string;
		readonly original?: Buffer;
		readonly evidence: readonly EvidenceSection[];
	},
): Buffer {
	const { at, headers, text, original, evidence } = message;
	const { identifiers, signer } = provider;
	const entity = multipart('mixed', identifiers.boundary(at), [
		textPart('plain', text),
		...(original === undefined ? [] : [originalSection(original)]),
		...evidence.map(evidenceSection),
	]);
	const signature = signDetached(signer, entity, { at, digest: 'sha256' });
	const boundary = identifiers.signatureBoundary();
	const signatureType = 'application/pkcs7-signature';
	const head =
		`${headers}MIME-Version: 1.0\r\n` +
		`Content-Type: multipart/signed; protocol="${signatureType}"; micalg="sha-256";\r\n` +
		` boundary="${boundary}"\r\n`;
	return signedMessage({ head, boundary, entity, signature, signatureType });
}

/** The fields every REM message of the sandbox begins with. */
export function remHeaders(fields: {
	readonly at: Date;
	readonly subject: string;
	readonly from: string;
	readonly to: string;
	/** With angle brackets, as the next. */
	readonly messageId: string;
	readonly clientId: string;
}): string {
	return [
		headerField('Subject', fields.subject),
		headerField('Date', romeTime(fields.at).headerDate),
		headerField('Message-ID', fields.messageId),
		headerField('REM-UAMessageIdentifier', fields.clientId),
		headerField('From', fields.from),
		headerField('To', fields.to),
	].join('');
}

function originalSection(original: Buffer): Buffer {
	const header =
		'Content-Type: message/rfc822; name=AttachedMimeMessage\r\n' +
		'Content-Transfer-Encoding: binary\r\n' +
		'Content-Disposition: attachment; filename=AttachedMimeMessage\r\n' +
		'REM-Section-Type: rem_message/original\r\n\r\n';
	return Buffer.concat([Buffer.from(header, 'latin1'), original]);
}

function evidenceSection({ event, xml }: EvidenceSection): Buffer {
	return Buffer.from(
		`Content-Type: application/xml; charset=UTF-8; name="${event}.xml"\r\n` +
			'Content-Transfer-Encoding: base64\r\n' +
			`Content-Disposition: attachment; filename="${event}.xml"\r\n` +
			'REM-Section-Type: rem_message/evidence\r\n' +
			`\r\n${base64Lines(Buffer.from(xml, 'utf8'), 76)}`,
		'latin1',
	);
}
