/** Signatures in every form that RFC 5652 and RFC 8551 allow, and in some that they do not. */

import {
	basicConstraints,
	ecKeys,
	keyUsage,
	pssAlgorithm,
	pssKeys,
	rsaKeys,
	writeCertificate,
	type Keys,
} from './certificateWriter.ts';
import {
	algorithmOf,
	attribute,
	DATA,
	digestOf,
	DIGESTS,
	SIGNED_AT,
	writeSignature,
	type CmsForm,
	type SignerForm,
} from './cmsWriter.ts';
import { generalizedTime, nothing, oid, sequence, set, utcTime } from './derWriter.ts';
import { ber } from './signedFiles.ts';

/** What the signatures are over; its twin of the same length is somebody else's. */
export const CONTENT = Buffer.from('Content-Type: text/plain\r\n\r\nRicevuta di prova.');

const issued = (keys: Keys) =>
	writeCertificate({
		subject: [['CN', 'signer']],
		keys,
		extensions: [basicConstraints(false), keyUsage(0)],
	});
const rsa = issued(rsaKeys());
const ec = issued(ecKeys());
const pss = issued(pssKeys());

const TYPE = attribute('contentType', oid(DATA));
const TIME = attribute('signingTime', utcTime(SIGNED_AT));
const DIGEST = attribute('messageDigest', digestOf('sha256', CONTENT));
const OTHER_DIGEST = attribute('messageDigest', digestOf('sha256', Buffer.from('else')));
const counter = sequence(oid('1.2.840.113549.1.9.6'), set(sequence(oid(DATA))));

const by = (form: Partial<SignerForm> = {}, more: Partial<CmsForm> = {}): Buffer =>
	writeSignature(CONTENT, { signers: [{ certificate: rsa, ...form }], ...more });

/** The same value, every constructed value in it without a length (X.690 8.1.3.6), down to `levels`. */
export function indefinite(der: Buffer, levels: number): Buffer {
	const tag = der[0] ?? 0;
	if (levels === 0 || !(tag & 0x20)) return der;
	const parts: Buffer[] = [];
	for (let at = headOf(der); at < der.length;) {
		const rest = der.subarray(at);
		const part = rest.subarray(0, headOf(rest) + lengthOf(rest));
		parts.push(indefinite(part, levels - 1));
		at += part.length;
	}
	return ber(tag, Buffer.concat(parts), 'indefinite');
}

const headOf = (der: Buffer): number => {
	const first = der[1] ?? 0;
	return first < 0x80 ? 2 : 2 + (first & 0x7f);
};
const lengthOf = (der: Buffer): number => {
	const first = der[1] ?? 0;
	return first < 0x80 ? first : der.readUIntBE(2, first & 0x7f);
};

const digests = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

/** p7s by name. */
export const FORMS: Readonly<Record<string, Buffer>> = {
	...Object.fromEntries(digests.map((digest) => [`RSA and ${digest}`, by({ digest })])),
	...Object.fromEntries(
		digests.map((digest) => [`ECDSA and ${digest}`, by({ digest, certificate: ec })]),
	),
	'ECDSA on P-384': by({ certificate: issued(ecKeys('P-384')), digest: 'sha384' }),
	'ECDSA on P-521': by({ certificate: issued(ecKeys('P-521')), digest: 'sha512' }),
	'ECDSA on secp256k1': by({ certificate: issued(ecKeys('secp256k1')) }),
	'RSA of 1024 bits': by({ certificate: issued(rsaKeys(1024)), digest: 'sha1' }),
	'PSS with an RSA key': by({ pss: true }),
	'PSS and SHA-512': by({ pss: true, digest: 'sha512' }),
	'PSS with a key for PSS alone': by({ certificate: pss }),
	'PSS that names another digest': by({ pss: true, algorithm: pssAlgorithm(DIGESTS.sha384) }),
	'PSS that names another mask': by({
		pss: true,
		algorithm: pssAlgorithm(DIGESTS.sha256, 32, DIGESTS.sha1),
	}),
	'PSS that names a longer salt': by({ pss: true, algorithm: pssAlgorithm(DIGESTS.sha256, 288) }),
	'RSA named with its digest': by({
		algorithm: sequence(oid('1.2.840.113549.1.1.11'), nothing()),
	}),
	'RSA named with another digest': by({
		algorithm: sequence(oid('1.2.840.113549.1.1.5'), nothing()),
	}),
	'RSA named without parameters': by({ algorithm: sequence(oid('1.2.840.113549.1.1.1')) }),
	'a digest named as the signature': by({ algorithm: algorithmOf('sha256') }),
	'ECDSA named with another digest': by({
		certificate: ec,
		algorithm: sequence(oid('1.2.840.10045.4.1')),
	}),
	'an RSA key, ECDSA named': by({ algorithm: sequence(oid('1.2.840.10045.4.3.2')) }),
	'no signed attributes': by({ attributes: null }),
	'no signed attributes, ECDSA': by({ attributes: null, certificate: ec }),
	'no signed attributes, PSS': by({ attributes: null, pss: true }),
	'an empty set of signed attributes': by({ attributes: [] }),
	'attributes without a type': by({ attributes: [TIME, DIGEST] }),
	'attributes without a digest': by({ attributes: [TYPE, TIME] }),
	'attributes without a time': by({ attributes: [TYPE, DIGEST] }),
	'attributes in another order': by({ attributes: [DIGEST, TIME, TYPE] }),
	'another type in the attributes': by({
		attributes: [attribute('contentType', oid('1.2.840.113549.1.7.5')), TIME, DIGEST],
	}),
	'two types': by({ attributes: [TYPE, TYPE, TIME, DIGEST] }),
	'two digests, the other first': by({ attributes: [TYPE, TIME, OTHER_DIGEST, DIGEST] }),
	'two digests, the other last': by({ attributes: [TYPE, TIME, DIGEST, OTHER_DIGEST] }),
	'two digests in one attribute': by({
		attributes: [
			TYPE,
			TIME,
			attribute('messageDigest', digestOf('sha256', CONTENT), digestOf('sha256', CONTENT)),
		],
	}),
	'two times': by({ attributes: [TYPE, TIME, TIME, DIGEST] }),
	'two times in one attribute': by({
		attributes: [TYPE, attribute('signingTime', utcTime(SIGNED_AT), utcTime(new Date(0))), DIGEST],
	}),
	'an attribute of time without one': by({ attributes: [TYPE, attribute('signingTime'), DIGEST] }),
	'a GeneralizedTime': by({
		attributes: [TYPE, attribute('signingTime', generalizedTime(SIGNED_AT)), DIGEST],
	}),
	'a time that is none': by({
		attributes: [TYPE, attribute('signingTime', oid(DATA)), DIGEST],
	}),
	'the digest of another content': by({ attributes: [TYPE, TIME, OTHER_DIGEST] }),
	'a signature over another content': by({ attributes: null, signs: Buffer.from('else') }),
	'attributes under the digest of another algorithm': by({}, { digests: ['sha1'] }),
	'no digest named in front': by({}, { digests: [] }),
	'more digests named in front': by({}, { digests: ['sha1', 'sha256', 'sha512'] }),
	MD5: by({ digest: 'md5' }),
	'a signer by the identifier of its key': by({ byKeyId: true }),
	'unsigned attributes': by({ unsigned: [counter] }),
	'the content inside as well': by({}, { enclosed: CONTENT }),
	'another content inside': by({}, { enclosed: Buffer.from('else') }),
	'two signers': by({}, { signers: [{ certificate: rsa }, { certificate: ec }] }),
	'two signers, one of another content': by(
		{},
		{
			signers: [
				{ certificate: rsa },
				{ certificate: ec, attributes: null, signs: Buffer.from('else') },
			],
		},
	),
	'no signer': by({}, { signers: [] }),
	'no certificate': by({}, { certificates: [] }),
	'the certificate of another': by({}, { certificates: [ec] }),
	'without lengths': indefinite(by(), 3),
	'without lengths down to the attributes': indefinite(by(), 99),
	'with bytes behind it': Buffer.concat([by(), Buffer.from('more')]),
};

/** A message with CONTENT and this p7s. */
export function messageWith(signature: Buffer): Buffer {
	const lines = [
		'From: posta-certificata@pec.provider.example',
		'Content-Type: multipart/signed; boundary=s',
		'',
		`--s\r\n${CONTENT.toString()}`,
		'--s',
		'Content-Type: application/pkcs7-signature',
		'Content-Transfer-Encoding: base64',
		'',
		signature.toString('base64').replace(/(.{76})/g, '$1\r\n'),
		'--s--',
		'',
	];
	return Buffer.from(lines.join('\r\n'));
}
