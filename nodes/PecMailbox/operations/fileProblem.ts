import type { FileProblem } from '../../pec/messageFile';
import { UserError } from '../../n8n/errors';

const NOT_MAIL = 'Read File takes messages as .eml files, or a ZIP of them.';
const ASK_AGAIN = 'Transfer or export it again, and compare its size with the original file.';
const UNPACK = 'Unpack it on a computer and read the messages as single files.';

/** Each problem: what the file is, as the end of a sentence, and what to do. */
const TEXTS: Readonly<Record<FileProblem, readonly [string, string]>> = {
	outlookMessage: [
		'is an Outlook message (.msg), which does not hold the bytes that were signed',
		"Download the message again from the provider's webmail or a mail program, as .eml.",
	],
	mbox: [
		'is a mail folder (mbox) with several messages',
		'Export its messages as single .eml files; a ZIP of them can be read at once.',
	],
	pdf: ['is a PDF document, not an e-mail message', NOT_MAIL],
	office: ['is an Office document, not an e-mail message', NOT_MAIL],
	otherArchive: [
		'is an archive of another kind than ZIP (such as RAR, 7z or gz)',
		'Unpack it and pack the messages as a ZIP.',
	],
	webPage: [
		'is a web page, not an e-mail message',
		"If it was downloaded, it may be the provider's sign-in page: download the message again, as .eml.",
	],
	xml: ['is an XML file, not an e-mail message', NOT_MAIL],
	json: ['is a JSON file, not an e-mail message', NOT_MAIL],
	text: ['is a text file, not an e-mail message', NOT_MAIL],
	image: ['is an image, not an e-mail message', NOT_MAIL],
	winmail: ['is a winmail.dat attachment, not an e-mail message', NOT_MAIL],
	systemFile: ['is a file of the operating system, not an e-mail message', 'It can be ignored.'],
	encrypted: ['is encrypted', 'Unpack the ZIP with its password, or pack it without one.'],
	unsupported: ['is packed in a way that cannot be unpacked here', UNPACK],
	damaged: ['is damaged or cut off: not all that was packed can be unpacked', ASK_AGAIN],
	tooLarge: ['is larger than 256 MB', 'No PEC is so large. Check what the file is.'],
	bomb: [
		'unpacks to more than a hundred times its size; what is left was not unpacked',
		`It may be made to harm. If you trust it: ${UNPACK.toLowerCase()}`,
	],
	tooManyEntries: [
		'has more than 50,000 entries; what is left was not read',
		'Split it into several ZIPs.',
	],
	emptyArchive: ['is a ZIP without files', 'Check how it was packed.'],
	archivesNested: ['is a ZIP inside a ZIP that is itself inside a ZIP', UNPACK],
	signatureOnly: [
		'is a signature without the file that was signed',
		'Read the file that it belongs to.',
	],
	signedFileDamaged: ['is a signed file (.p7m) that is damaged or cut off', ASK_AGAIN],
};

/** @param what names the file without its name, which may hold an address. */
export function fileProblem(what: string, problem: FileProblem): UserError {
	const [is, whatToDo] = TEXTS[problem];
	return new UserError(`${what} ${is}`, whatToDo);
}
