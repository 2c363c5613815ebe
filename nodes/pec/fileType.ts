/** Files that are evidently no single e-mail message. */
export type OtherFile =
	| 'zip'
	| 'outlookMessage'
	| 'mbox'
	| 'pdf'
	| 'office'
	| 'otherArchive'
	| 'webPage'
	| 'xml'
	| 'json'
	| 'text'
	| 'image'
	| 'winmail'
	| 'systemFile';

/** Signatures at the first byte, in hexadecimal. */
const SIGNATURES: ReadonlyArray<readonly [OtherFile, string]> = [
	['zip', '504b0304'],
	['zip', '504b0506'],
	['pdf', '255044462d'],
	['office', '7b5c727466'],
	['otherArchive', '526172211a07'],
	['otherArchive', '377abcaf271c'],
	['otherArchive', '1f8b08'],
	['image', '89504e470d0a1a0a'],
	['image', 'ffd8ff'],
	['image', '474946383761'],
	['image', '474946383961'],
	['image', '49492a00'],
	['image', '4d4d002a'],
	// TNEF, [MS-OXTNEF] 2.1.3.1.
	['winmail', '789f3e22'],
	// .DS_Store, and the files in which macOS keeps a file's attributes (AppleDouble).
	['systemFile', '0000000142756431'],
	['systemFile', '00051607'],
];

/** [MS-CFB] 2.2: what Outlook and old Office keep their files in. */
const COMPOUND_FILE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** [MS-OXMSG] 2.2.3: every .msg has this storage. */
const OUTLOOK_STORAGE = Buffer.from('__nameid_version1.0', 'utf16le');
/** ECMA-376 part 2, 10.1.2, and OpenDocument part 2, 3.3: what documents that are ZIPs begin with. */
const DOCUMENT_ENTRIES = /^(?:\[Content_Types\]\.xml|mimetype|_rels\/|docProps\/)/;

const ZIP_NAME = { length: 26, start: 30 } as const;

/** RFC 4155 Appendix A. */
const MBOX_LINE = /^From \S.* \d\d:\d\d(?::\d\d)?(?: .*)? \d{4}\r?$/;

/** Files without a signature that lie beside messages in archives, by name: asked only of what is no mail. */
const TEXT_NAMES = /\.(?:csv|tsv|txt|log|md|ini|md5|sha1|sha256)$/i;
const SYSTEM_NAMES = /^(?:thumbs\.db|desktop\.ini|\.ds_store)$/i;

function isDocument(zip: Buffer): boolean {
	if (zip.length < ZIP_NAME.start) return false;
	const end = ZIP_NAME.start + zip.readUInt16LE(ZIP_NAME.length);
	return DOCUMENT_ENTRIES.test(zip.toString('latin1', ZIP_NAME.start, end));
}

function beginsMail(bytes: Buffer, at: number): boolean {
	return MBOX_LINE.test(bytes.toString('latin1', at, at + 1000).split('\n', 1)[0] ?? '');
}

/** One message may have a `From ` line before its header; only a second one makes a folder of it. */
function isMailFolder(bytes: Buffer): boolean {
	if (!beginsMail(bytes, 0)) return false;
	for (let at = bytes.indexOf('\nFrom '); at !== -1; at = bytes.indexOf('\nFrom ', at + 1)) {
		if (beginsMail(bytes, at + 1)) return true;
	}
	return false;
}

function markupOf(bytes: Buffer): OtherFile | undefined {
	const head = bytes
		.toString('latin1', 0, 1024)
		.replace(/^\xef\xbb\xbf/, '')
		.trimStart();
	if (/^<(?:!doctype html|html|head|body)\b/i.test(head)) return 'webPage';
	if (/^<\?xml\s/i.test(head)) return /<html\b/i.test(head) ? 'webPage' : 'xml';
	return /^(?:\{\s*"[^"]*"\s*:|\[\s*[{["])/.test(head) ? 'json' : undefined;
}

/** What a file evidently is, by its bytes. `undefined`: nothing evident; it may be a message, or a broken one. */
export function otherFileOf(bytes: Buffer): OtherFile | undefined {
	if (bytes.subarray(0, COMPOUND_FILE.length).equals(COMPOUND_FILE)) {
		return bytes.includes(OUTLOOK_STORAGE) ? 'outlookMessage' : 'office';
	}
	const head = bytes.toString('hex', 0, 16);
	const type = SIGNATURES.find(([, signature]) => head.startsWith(signature))?.[0];
	if (type === 'zip') return isDocument(bytes) ? 'office' : 'zip';
	return type ?? markupOf(bytes) ?? (isMailFolder(bytes) ? 'mbox' : undefined);
}

/** What the name says of a file that is no mail. */
export function otherFileByName(name: string): 'systemFile' | 'text' | undefined {
	if (SYSTEM_NAMES.test(name)) return 'systemFile';
	return TEXT_NAMES.test(name) ? 'text' : undefined;
}
