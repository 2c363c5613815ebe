/** A difference between a real message and ours that is right, taken out of both shapes. */
interface Allowed {
	readonly reason: string;
	readonly apply: (shape: string) => string;
}

const PLAIN =
	'(    )Content-Type: multipart/alternative.*\\n  (    Content-Type: text/plain.*\\n) .*text/html.*\\n';

export const ALLOWED = {
	digest: {
		reason: 'SHA-1 is what real providers still used in 2024; the sandbox signs with SHA-256',
		apply: (shape) => shape.replace(/micalg="?[\w-]+"?/, 'micalg'),
	},
	title: {
		reason:
			'RFC 6109 gives models of the text, not its words: some name the recipient in the title',
		apply: (shape) => shape.replace(/^--.*--$/m, '-- {title} --'),
	},
	note: {
		reason:
			'a provider explains its types of receipt below (RFC 6109 3.3.2.1 lets it add what it likes)',
		apply: (shape) => shape.replace(/\n\n\nNOTA\n[\s\S]*$/, '\n'),
	},
	words: {
		reason: 'another provider has other words for the same facts',
		apply: (shape) => shape.replace(/# text\n[\s\S]*$/, '# text\n'),
	},
	plainText: {
		reason: 'RFC 6109 4.3.1: HTML beside the text is optional, and newer messages have it',
		apply: (shape) => shape.replace(new RegExp(PLAIN), '$2'),
	},
	mimeVersion: {
		reason: 'before 2018 the signed entity had its MIME-Version in front, and no encoding',
		apply: (shape) =>
			shape
				.replace(/^ {2}MIME-Version: 1\.0 \| (.*)$/m, '  $1 | MIME-Version: 1.0')
				.replace(/^( {2}.*multipart\/mixed.*) \| Content-Transfer-Encoding: binary/m, '$1'),
	},
	fieldOrder: {
		reason: 'fields have no order (RFC 5322 3.6), and providers changed theirs over the years',
		apply: (shape) =>
			shape.replace(/(?<=# header\n)[\s\S]*(?=# parts)/, (lines) =>
				lines.trimEnd().split('\n').sort().concat('').join('\n'),
			),
	},
	hops: {
		reason:
			'as many Received as there were machines on the way; those who made it anonymous took some out',
		apply: (shape) => shape.replaceAll('Received: {trace}\n', ''),
	},
	disposition: {
		reason: 'RFC 6109 4.3 says nothing of the disposition, and readers must take either',
		apply: (shape) => shape.replace(/Content-Disposition: (?:inline|attachment); file/g, 'file'),
	},
	partOrder: {
		reason: 'RFC 6109 4.3: certification data and original are interchangeable in order',
		apply: (shape) =>
			shape.replace(
				/^( +Content-Type: message\/rfc822.*\n)( +Content-Type: application\/xml.*\n)/m,
				'$2$1',
			),
	},
	signatureType: {
		reason: 'real providers write either name (RFC 8551 3.2.1)',
		apply: (shape) =>
			shape.replaceAll('application/x-pkcs7-signature', 'application/pkcs7-signature'),
	},
	sender: {
		reason: 'RFC 6109 2.1 wants a Sender equal to From; no real envelope has one',
		apply: (shape) => shape.replace(/^Sender: .*\n/m, ''),
	},
	unknownMailbox: {
		reason: 'of a mailbox that does not exist, some providers say altro, some no-dest',
		apply: (shape) => shape.replace(/errore=(?:altro|no-dest)/, 'errore=…'),
	},
	strayText: {
		reason: 'whoever made the sample anonymous left a letter in its XML',
		apply: (shape) => shape.replace(/^ *stray text\n/m, ''),
	},
	asked: {
		reason: 'its sender asked for another receipt',
		apply: (shape) => shape.replace(/(X-Tiporicevuta: |ricevuta tipo=)\w+/g, '$1…'),
	},
	certifiedAddress: {
		reason: 'those who made it anonymous wrote their own addresses over the provider’s',
		apply: (shape) => shape.replaceAll('{certified address}', '{address}'),
	},
} satisfies Record<string, Allowed>;

export type Difference = keyof typeof ALLOWED;

const PLAIN_2014: Difference[] = ['digest', 'mimeVersion'];
const BETA: Difference[] = ['disposition', 'signatureType'];

/** A real message, the one of ours that it is laid beside, and all that may differ. */
export const PAIRS: readonly (readonly [file: string, ours: string, differences: Difference[]])[] =
	[
		['aruba-2014/envelope-1.eml', 'alfa transportEnvelope', [...PLAIN_2014, 'plainText', 'title']],
		[
			'aruba-2014/envelope-1.eml',
			'beta transportEnvelope',
			[...PLAIN_2014, ...BETA, 'title', 'sender', 'partOrder'],
		],
		['aruba-2014/acceptance.eml', 'alfa accettazione', [...PLAIN_2014, 'plainText', 'title']],
		['aruba-2014/acceptance.eml', 'beta accettazione', [...PLAIN_2014, ...BETA, 'title']],
		[
			'aruba-2014/delivery-complete.eml',
			'alfa avvenuta-consegna',
			[...PLAIN_2014, 'plainText', 'title', 'note'],
		],
		[
			'aruba-2014/delivery-complete.eml',
			'beta avvenuta-consegna',
			[...PLAIN_2014, ...BETA, 'title', 'note', 'partOrder'],
		],
		['aruba-2018/acceptance.eml', 'alfa accettazione', ['digest', 'title', 'fieldOrder']],
		[
			'aruba-2018/delivery-complete.eml',
			'alfa avvenuta-consegna',
			['digest', 'title', 'note', 'fieldOrder'],
		],
		['anonymised/accettazione.eml', 'alfa accettazione', ['digest', 'title', 'fieldOrder', 'hops']],
		[
			'anonymised/consegna.eml',
			'alfa errore-consegna',
			['digest', 'title', 'fieldOrder', 'hops', 'unknownMailbox', 'strayText'],
		],
		[
			'anonymised/consegna.eml',
			'beta errore-consegna',
			['digest', 'title', 'fieldOrder', 'hops', 'plainText', ...BETA, 'strayText'],
		],
		[
			'sdi/sdi-receipt-edited.eml',
			'alfa transportEnvelope',
			['digest', 'fieldOrder', 'hops', 'asked', 'words'],
		],
	];
