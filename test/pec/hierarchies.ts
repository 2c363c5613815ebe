/** Hierarchies of certificates made at random, sound and unsound, and signatures under them. */

import fc from 'fast-check';
import {
	alternativeNames,
	basicConstraints,
	directoryName,
	ecKeys,
	emailName,
	extendedKeyUsage,
	extension,
	hostName,
	keyUsage,
	nameConstraints,
	nameOf,
	pssKeys,
	rsaKeys,
	writeCertificate,
	type Issued,
	type Keys,
	type Name,
} from './certificateWriter.ts';
import { SIGNED_AT, writeSignature } from './cmsWriter.ts';
import { nothing } from './derWriter.ts';

const SIGNER = 'posta-certificata@pec.provider.example';
export const CONTENT = Buffer.from('Content-Type: text/plain\r\n\r\nRicevuta.');

/** Of each the first is what most certificates have. */
const EXTENDED = {
	none: [],
	mail: [extendedKeyUsage('emailProtection')],
	mailAndServers: [extendedKeyUsage('serverAuth', 'emailProtection')],
	any: [extendedKeyUsage('any')],
	servers: [extendedKeyUsage('serverAuth')],
} as const;
const CA_USES = {
	certifies: [keyUsage(5, 6)],
	none: [],
	signs: [keyUsage(0)],
} as const;
const SIGNER_USES = {
	signs: [keyUsage(0)],
	none: [],
	vouches: [keyUsage(1)],
	both: [keyUsage(0, 1)],
	enciphers: [keyUsage(2)],
	certifies: [keyUsage(5)],
} as const;
const AUTHORITY = {
	ca: [basicConstraints(true)],
	ca0: [basicConstraints(true, 0)],
	ca1: [basicConstraints(true, 1)],
	lightly: [basicConstraints(true, undefined, false)],
	noCa: [basicConstraints(false)],
	none: [],
} as const;
const country: Name = [['C', 'IT']];
const NAMES = {
	none: [],
	host: [nameConstraints({ permitted: [emailName('pec.provider.example')] })],
	capitals: [nameConstraints({ permitted: [emailName('PEC.Provider.example')] })],
	below: [nameConstraints({ permitted: [emailName('.provider.example')] })],
	mailbox: [nameConstraints({ permitted: [emailName(SIGNER)] })],
	lightly: [nameConstraints({ permitted: [emailName('pec.other.example')] }, false)],
	otherHost: [nameConstraints({ permitted: [emailName('pec.other.example')] })],
	notHost: [nameConstraints({ excluded: [emailName('pec.provider.example')] })],
	notBelow: [nameConstraints({ excluded: [emailName('.provider.example')] })],
	notOther: [nameConstraints({ excluded: [emailName('other.example')] })],
	country: [nameConstraints({ permitted: [directoryName(nameOf([['C', 'it']]))] })],
	otherCountry: [nameConstraints({ permitted: [directoryName(nameOf([['C', 'FR']]))] })],
	notCountry: [nameConstraints({ excluded: [directoryName(nameOf(country))] })],
	web: [nameConstraints({ permitted: [hostName('provider.example')] })],
	otherWeb: [nameConstraints({ permitted: [hostName('other.example')] })],
} as const;
const SIGNER_NAMES = {
	mail: [alternativeNames(emailName(SIGNER))],
	capitals: [alternativeNames(emailName('Posta-Certificata@PEC.provider.EXAMPLE'))],
	two: [alternativeNames(emailName(SIGNER), emailName('a@pec.other.example'))],
	web: [alternativeNames(emailName(SIGNER), hostName('www.provider.example'))],
	onlyWeb: [alternativeNames(hostName('www.provider.example'))],
	none: [],
} as const;
const DATES = {
	now: {},
	over: { to: new Date('2026-01-01T00:00:00Z') },
	soon: { from: new Date('2026-02-01T00:00:00Z') },
	toTheSecond: { to: SIGNED_AT },
	fromTheSecond: { from: SIGNED_AT },
} as const;
const ODD = {
	none: [],
	unknown: [extension('1.3.6.1.4.1.99999.1', nothing())],
	criticalUnknown: [extension('1.3.6.1.4.1.99999.1', nothing(), true)],
	twice: [extendedKeyUsage('emailProtection'), extendedKeyUsage('emailProtection')],
} as const;

/** The first of them `often` times as often as each of the others. */
const mostly = <T extends object>(from: T, often: number) => {
	const [first, ...others] = Object.keys(from) as (keyof T)[];
	return fc.oneof(
		{ arbitrary: fc.constant(first as keyof T), weight: often * others.length },
		{ arbitrary: fc.constantFrom(...others), weight: others.length },
	);
};
const shared = {
	extended: mostly(EXTENDED, 4),
	dates: mostly(DATES, 8),
	odd: mostly(ODD, 12),
};
const authority = fc.record({
	...shared,
	use: mostly(CA_USES, 8),
	basic: mostly(AUTHORITY, 3),
	names: mostly(NAMES, 1),
	email: mostly({ no: 0, yes: 0 }, 2),
	digest: mostly({ sha256: 0, sha1: 0, md5: 0 }, 8),
	key: fc.nat(),
});
const signer = fc.record({
	...shared,
	use: mostly(SIGNER_USES, 5),
	names: mostly(SIGNER_NAMES, 1),
	email: mostly({ no: 0, yes: 0 }, 4),
	basic: mostly({ none: 0, noCa: 0, ca: 0 }, 6),
	digest: mostly({ sha256: 0, sha1: 0, md5: 0 }, 8),
	key: fc.nat(),
});
export const hierarchy = fc.record({
	authorities: fc.array(authority, { minLength: 1, maxLength: 3 }),
	signer,
	/** Which of the authorities is trusted, from the root; -1: the signer, -2: none. */
	anchor: fc.oneof({ arbitrary: fc.nat({ max: 2 }), weight: 9 }, fc.constantFrom(-1, -2)),
	/** Others with the same name and other keys, in front of the true ones. */
	decoys: fc.boolean(),
	reversed: fc.boolean(),
});
export type Hierarchy = typeof hierarchy extends fc.Arbitrary<infer T> ? T : never;

const keys: readonly Keys[] = [
	...[rsaKeys(), rsaKeys(), rsaKeys()],
	...[ecKeys(), ecKeys('P-384'), pssKeys()],
];

function keyAt(number: number): Keys {
	const found = keys[number % keys.length];
	if (!found) throw new Error('no keys');
	return found;
}

const subjectOf = (name: string, email: string): Name => [
	...country,
	['O', 'Test'],
	['CN', name],
	...(email === 'yes' ? ([['E', 'ca@pec.third.example']] as const) : []),
];

export interface Built {
	/** Over CONTENT. */
	readonly signature: Buffer;
	/** PEM. */
	readonly anchors: readonly string[];
}

export function build({ authorities, signer: own, anchor, decoys, reversed }: Hierarchy): Built {
	const path: Issued[] = [];
	const beside: Issued[] = [];
	for (const [index, form] of authorities.entries()) {
		const subject = subjectOf(`CA ${index}`, form.email as string);
		const issuer = path.at(-1);
		const base = { subject, ...DATES[form.dates], ...(issuer ? { issuer } : {}) };
		const extensions = [
			...AUTHORITY[form.basic],
			...CA_USES[form.use],
			...EXTENDED[form.extended],
			...NAMES[form.names],
			...ODD[form.odd],
		];
		const { digest } = form;
		path.push(writeCertificate({ ...base, keys: keyAt(form.key + index), extensions, digest }));
		if (decoys) {
			beside.push(
				writeCertificate({
					...base,
					keys: keyAt(form.key + index + 1),
					extensions: [basicConstraints(true)],
				}),
			);
		}
	}
	const last = path.at(-1);
	const signing = writeCertificate({
		subject: subjectOf('signer', own.email as string),
		keys: keyAt(own.key),
		...(last ? { issuer: last } : {}),
		...DATES[own.dates],
		digest: own.digest,
		extensions: [
			...(own.basic === 'none' ? [] : AUTHORITY[own.basic]),
			...SIGNER_USES[own.use],
			...EXTENDED[own.extended],
			...SIGNER_NAMES[own.names],
			...ODD[own.odd],
		],
	});
	const sent = [...beside, ...path];
	const trusted = anchor === -1 ? signing : path[Math.min(anchor, path.length - 1)];
	return {
		signature: writeSignature(CONTENT, {
			signers: [{ certificate: signing }],
			beside: reversed ? sent.reverse() : sent,
		}),
		anchors: anchor === -2 || !trusted ? [] : [trusted.pem],
	};
}

export function messageWith(signature: Buffer): Buffer {
	const lines = [
		`From: ${SIGNER}`,
		'Content-Type: multipart/signed; boundary=s',
		'',
		`--s\r\n${CONTENT.toString()}`,
		'--s',
		'Content-Type: application/pkcs7-signature',
		'Content-Transfer-Encoding: base64',
		'',
		signature.toString('base64'),
		'--s--',
		'',
	];
	return Buffer.from(lines.join('\r\n'));
}

/** The same hierarchy without all that this reader and OpenSSL are known to judge differently. */
export function withoutKnownDifferences(given: Hierarchy): Hierarchy {
	const plain = <T extends Hierarchy['signer'] | Hierarchy['authorities'][number]>(of: T): T => ({
		...of,
		extended: of.extended === 'any' ? 'mail' : of.extended,
		dates: of.dates === 'toTheSecond' ? 'now' : of.dates,
		digest: of.digest === 'md5' ? 'sha256' : of.digest,
	});
	const authorities = given.authorities.map((each) => ({
		...plain(each),
		basic: each.basic === 'none' ? 'noCa' : each.basic,
		names: each.names === 'web' ? 'none' : each.names,
	}));
	const own = plain(given.signer);
	const signer = { ...own, email: own.names === 'none' ? own.email : 'no' };
	return { ...given, authorities, signer, anchor: given.anchor === -1 ? -2 : given.anchor };
}
