const SPECIAL: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** Text as HTML. Control characters mean nothing in it, and direction marks would turn what stands beside a value. */
export function escapedHtml(text: string): string {
	return text
		.replace(
			/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
			'\ufffd',
		)
		.replace(/[&<>"']/g, (char) => SPECIAL[char] ?? '');
}

/** Somebody else's text: set apart, so that its direction stays its own. */
export function quotedHtml(text: string): string {
	return `<bdi>${escapedHtml(text)}</bdi>`;
}
