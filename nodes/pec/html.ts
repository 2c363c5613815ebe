const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** A value as HTML shows it: a list of recipients must not write tags into a letter, nor a sender into a report. */
export function asHtml(value: string): string {
	return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A text without what no page and no picture can show: control characters, and marks that would turn what stands beside it. */
export function printable(text: string): string {
	return text.replace(
		/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
		'\ufffd',
	);
}

export function escaped(text: string): string {
	return asHtml(printable(text));
}

/** Somebody else's text: set apart, so that its direction stays its own. */
export function quoted(text: string): string {
	return `<bdi>${escaped(text)}</bdi>`;
}
