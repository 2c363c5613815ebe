import { classify, envelopeOf } from './classify';
import { contentOf, fileNameOf, hasFileName } from './content';
import { isDaticert, readDaticert } from './daticert';
import { readHeader } from './header';
import type { Header } from './header';
import { ownParts, readMime } from './mime';
import type { MimeLimit, MimePart } from './mime';
import { carriesOriginal, openOriginal } from './original';
import { pecKeyOf } from './pecKey';
import { presentFields } from './presentFields';
import { crossCheck, oddities, receiptOf } from './receipt';
import { registrationOf } from './registration';
import { isRemEvidence } from './rem';
import { sdiOf } from './sdi';
import { isPartialCopy } from './sentCopy';
import { sealed } from './seal';
import { vouchedPartOf } from './signature';
import { sha256Of } from './sha256';
import type { Finding, MessageKind, PecHeaders, PecMessage, ReadOptions } from './types';

const DATICERT = 'daticert.xml';
/** A provider adds one or two files of its own at most; a hostile message may be made of nothing else. */
const UNNAMED_LIMIT = 5;
const FIELDS_LIMIT = 20_000;
const DAY = 24 * 60 * 60 * 1000;

const EXCEEDED: Readonly<Record<MimeLimit | 'text', Finding>> = {
	depth: { code: 'tooDeep', message: 'Parts are nested too deep: the innermost were not opened.' },
	parts: {
		code: 'tooManyParts',
		message: 'The message has too many parts: the last were not opened.',
	},
	fields: {
		code: 'tooManyFields',
		message: 'The message has too many header fields: some were not read.',
	},
	text: {
		code: 'textTooLarge',
		message: 'The text is too large to be shown: it is among the attachments.',
	},
};

/** RFC 6109 3.2.2: an anomaly envelope certifies nothing. The header is not signed: this one was another's. */
const CERTIFIED_ANOMALY: Finding = {
	code: 'typeMismatch',
	message: 'The header names an anomaly envelope, but there is certification data.',
};

function viewOf(bytes: Uint8Array): Buffer {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a header and certification data say together. */
function judge(header: Header, daticerts: readonly Buffer[]): PecHeaders {
	const { kind, findings: typeFindings } = classify(header);
	const envelope = envelopeOf(header);
	if (kind !== 'receipt' && kind !== 'transportEnvelope') {
		const findings = [...typeFindings];
		if (kind === 'anomalyEnvelope' && daticerts.length > 0) findings.push(CERTIFIED_ANOMALY);
		const consistent = findings.length === 0;
		const partial =
			kind === 'ordinary' && isPartialCopy(header) ? { partialCopy: true as const } : {};
		return { kind, ...partial, consistent, verified: false, findings, envelope };
	}
	const [daticert] = daticerts;
	const { certification, findings } = daticert ? readDaticert(daticert) : { findings: [] };
	const receipt = kind === 'receipt' ? receiptOf(header, certification) : undefined;
	const disagreements = [...typeFindings, ...crossCheck(header, receipt, certification)];
	if (daticerts.length > 1) {
		const message = 'The message carries certification data more than once; the first was read.';
		disagreements.push({ code: 'daticertRepeated', message });
	}
	return presentFields({
		kind,
		receipt,
		certification,
		consistent: disagreements.length === 0,
		verified: false,
		findings: [...disagreements, ...findings, ...(receipt ? oddities(receipt, certification) : [])],
		envelope,
	});
}

function isXml(part: MimePart): boolean {
	return (
		/^(?:application|text)\/xml$/.test(part.type) ||
		fileNameOf(part)?.toLowerCase().endsWith('.xml') === true
	);
}

/**
 * Certification data of the message itself: what a message inside it carries is not looked at. By its name, else by
 * what it is: RFC 6109 4.3.3 calls it certdata.xml, and a mail server may lose names.
 */
function daticertsOf(vouched: MimePart): Buffer[] {
	const parts = ownParts(vouched);
	const named = parts.filter((part) => hasFileName(part, DATICERT));
	if (named.length > 0) return named.map(contentOf);
	return parts.filter(isXml).slice(0, UNNAMED_LIMIT).map(contentOf).filter(isDaticert);
}

function read(raw: Buffer, options: ReadOptions): Omit<PecMessage, 'pecKey' | 'sha256' | 'size'> {
	const tree = readMime(raw);
	const { root } = tree;
	const vouched = vouchedPartOf(root);
	const told = sealed(root, judge(root.header, daticertsOf(vouched)), options);
	const findings = [...told.findings];
	let kind: MessageKind = told.kind;
	if (kind === 'ordinary' && ownParts(root).some(isRemEvidence)) {
		kind = 'rem';
		const message = 'A European registered e-mail (REM): recognised, its evidence is not read yet.';
		findings.push({ code: 'remExperimental', message });
	}
	const opened = openOriginal(tree, vouched, kind);
	const original = opened?.original;
	const exceeded = new Set([...tree.exceeded, ...(opened?.exceeded ?? [])]);
	findings.push(...[...exceeded].map((limit) => EXCEEDED[limit]));
	if (!original && carriesOriginal(kind, told.receipt)) {
		const message = 'The original message (postacert.eml) is missing.';
		findings.push({ code: 'originalMissing', message });
	}
	const certifiedAt = told.certification?.at;
	if (certifiedAt && Date.parse(certifiedAt) > options.now.getTime() + DAY) {
		const message = 'The certification data states a time in the future.';
		findings.push({ code: 'certifiedInFuture', message });
	}
	const content = { ...told, kind, findings, original };
	const registration = original && registrationOf(original.attachments);
	return presentFields({ ...content, sdi: sdiOf(content), registration });
}

/** For bytes that a library in use could not bear, such as a part larger than a text can be. */
function unreadable(): Omit<PecMessage, 'pecKey' | 'sha256' | 'size'> {
	const message = 'The message could not be read; its bytes are kept as they are.';
	return {
		kind: 'unreadable',
		consistent: false,
		verified: false,
		findings: [{ code: 'readerFailed', message }],
		envelope: { to: [], cc: [] },
	};
}

/**
 * Reads a whole message (RFC 5322, LF or CRLF): its kind, receipt, certification data and original. Any bytes give a
 * message, `unreadable` at worst, with findings: it rejects never. Offline; revocation is not looked at.
 */
export async function readPecMessage(raw: Uint8Array, options: ReadOptions): Promise<PecMessage> {
	const bytes = viewOf(raw);
	let content;
	try {
		content = read(bytes, options);
	} catch {
		content = unreadable();
	}
	return {
		...content,
		pecKey: pecKeyOf(bytes, bytes.length),
		sha256: sha256Of(bytes),
		size: bytes.length,
	};
}

/**
 * What header and certification data of a whole message say, without its signature and its original: several times quicker,
 * and never `verified`. Any bytes give an answer.
 */
export function classifyPecMessage(raw: Uint8Array): PecHeaders {
	const { root } = readMime(viewOf(raw));
	return judge(root.header, daticertsOf(vouchedPartOf(root)));
}

/**
 * What can be said of a message from its header block alone (`BODY[HEADER]`) and, for receipts and envelopes, its
 * certification data.
 * @param daticert the decoded daticert.xml; a receipt or envelope without it is not `consistent`
 */
export function readPecHeaders(headers: Uint8Array, daticert?: Uint8Array): PecHeaders {
	const { header } = readHeader(viewOf(headers), 0, { fields: FIELDS_LIMIT }, () => false);
	return judge(header, daticert ? [viewOf(daticert)] : []);
}
