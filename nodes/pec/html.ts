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
