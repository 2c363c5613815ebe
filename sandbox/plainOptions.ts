import type { SandboxOptions } from './contract.ts';
import {
	aBoolean,
	aCount,
	aList,
	anObject,
	aRecord,
	aText,
	oneOf,
	OptionError,
	wordOr,
	type Check,
} from './optionCheck.ts';
import type { Dialect, Dialects, Lateness, SlowRule, Steps } from './pec/dialect.ts';
import { PROVIDER_PLANS, type AccountPlan } from './pec/provisioning.ts';
import {
	LIMIT_PRESETS,
	USUAL_REPLIES,
	type LimitOptions,
	type Limits,
	type RefusalReason,
} from './smtp/limits.ts';

/** Those options of `start` that can be written down: in a file, or one by one on a command line. */
export type PlainOptions = Pick<
	SandboxOptions,
	'accounts' | 'dialects' | 'limits' | 'sizeLimit' | 'tls' | 'virusScan'
>;

const LATENESS: Check = wordOr(
	['never'],
	anObject({ delayMs: aCount } satisfies Record<keyof Exclude<Lateness, 'never'>, Check>, [
		'delayMs',
	]),
);

const STEPS = {
	acceptance: LATENESS,
	acceptanceReceipt: LATENESS,
	takenInCharge: LATENESS,
	delivery: LATENESS,
} satisfies Record<keyof Steps, Check>;

const PATTERN = aText(/^/, 'a text, * standing for anything');

const DIALECT = {
	...STEPS,
	html: aBoolean,
	signatureType: oneOf('application/x-pkcs7-signature', 'application/pkcs7-signature'),
	originalFirst: aBoolean,
	disposition: oneOf('inline', 'attachment'),
	unknownMailbox: oneOf('no-dest', 'altro'),
	digest: oneOf('sha256', 'sha1'),
	quotedMicalg: aBoolean,
	senderField: aBoolean,
	msgid: aBoolean,
	reference: aBoolean,
	identifierShape: oneOf('opec', 'postecert'),
	headerSpelling: oneOf('usual', 'rfc', 'lower', 'upper'),
	certificationType: oneOf('application/xml', 'text/xml'),
	slow: aList(
		anObject({ ...STEPS, to: PATTERN, subject: PATTERN } satisfies Record<keyof SlowRule, Check>),
	),
	duplicateReceipts: aBoolean,
	receiptsFolder: aText(/^[^/]+(?:\/[^/]+)*$/, 'the name of a folder, with / between its levels'),
} satisfies Record<keyof Dialect, Check>;

const LIMITS = {
	recipients: aCount,
	totalSize: aCount,
	messagesPerMinute: aCount,
	messagesPerDay: aCount,
	smtpConnections: aCount,
	imapConnections: aCount,
	imapRefusal: oneOf('no', 'bye'),
	unavailable: anObject({ forMs: aCount, at: oneOf('connect', 'mail', 'data') }, ['forMs']),
	replies: anObject(
		Object.fromEntries(
			(Object.keys(USUAL_REPLIES) as RefusalReason[]).map((reason) => [
				reason,
				aText(/^[45]\d\d [\x20-\x7e]+$/, 'a reply like "451 4.7.1 Come back later"'),
			]),
		),
	),
} satisfies Record<keyof Limits, Check>;

const LIMITS_OR_PRESET = wordOr(Object.keys(LIMIT_PRESETS), anObject(LIMITS));

const ACCOUNT = {
	address: aText(
		new RegExp(`^[^\\s@<>"]+@(?:${PROVIDER_PLANS.map(({ domain }) => domain).join('|')})$`, 'i'),
		`an address at ${PROVIDER_PLANS.map(({ domain }) => domain).join(' or ')}`,
	),
	password: aText(/./, 'a text that is not empty'),
	user: aText(/./, 'a text that is not empty'),
	quotaLimit: aCount,
	disabled: aBoolean,
} satisfies Record<keyof AccountPlan, Check>;

const OPTIONS = {
	accounts: aList(anObject(ACCOUNT, ['address', 'password'])),
	dialects: anObject({
		...DIALECT,
		alfa: anObject(DIALECT),
		beta: anObject(DIALECT),
	} satisfies Record<keyof Dialects, Check>),
	limits: wordOr(
		Object.keys(LIMIT_PRESETS),
		anObject({
			...LIMITS,
			alfa: LIMITS_OR_PRESET,
			beta: LIMITS_OR_PRESET,
			accounts: aRecord(LIMITS_OR_PRESET),
		} satisfies Record<keyof LimitOptions, Check>),
	),
	sizeLimit: aCount,
	tls: oneOf('valid', 'expired'),
	virusScan: anObject({ alfa: aBoolean, beta: aBoolean }),
} satisfies Record<keyof PlainOptions, Check>;

/**
 * Options from what was read from a file, with settings `dialects.alfa.digest=sha1` on top of them in order. Throws an
 * OptionError that names what is wrong.
 */
export function plainOptions(written: unknown, settings: readonly string[] = []): PlainOptions {
	const options = structuredClone(written);
	anObject(OPTIONS)(options, '');
	for (const setting of settings) set(options as Record<string, unknown>, setting);
	anObject(OPTIONS)(options, '');
	const addresses = (options as PlainOptions).accounts?.map(({ address }) => address.toLowerCase());
	const twice = addresses?.find((address, index) => addresses.indexOf(address) !== index);
	if (twice !== undefined) throw new OptionError(`accounts has ${twice} twice`);
	return options as PlainOptions;
}

function set(options: Record<string, unknown>, setting: string): void {
	const [, path = '', text = ''] = /^([a-z]+(?:\.[a-z]+)*)=(.*)$/is.exec(setting) ?? [];
	const names = path.split('.');
	const last = names.pop() ?? '';
	if (last === '') throw new OptionError(`"${setting}" is not of the form name.name=value`);
	let holder = options;
	for (const [index, name] of names.entries()) {
		if (!Object.hasOwn(holder, name)) holder[name] = {};
		const next = holder[name];
		if (typeof next !== 'object' || next === null || Array.isArray(next)) {
			throw new OptionError(`${names.slice(0, index + 1).join('.')} is set as a whole already`);
		}
		holder = next as Record<string, unknown>;
	}
	holder[last] = valueOf(text);
}

/** JSON where it is JSON, else the text itself. */
function valueOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
