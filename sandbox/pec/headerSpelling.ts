/**
 * How a provider writes the names of header fields, which mean the same in any case (RFC 5322 1.2.2): `usual` has
 * X-Tiporicevuta, as envelopes in the wild do; `rfc` X-TipoRicevuta, as RFC 6109 does; `lower` and `upper` change all.
 */
export type HeaderSpelling = 'usual' | 'rfc' | 'lower' | 'upper';

/** Finished header lines with their names in that spelling; values and folds stay as they are. */
export function spelled(lines: string, spelling: HeaderSpelling): string {
	if (spelling === 'usual') return lines;
	return lines.replace(/^[\x21-\x39\x3b-\x7e]+(?=:)/gm, (name) => respelled(name, spelling));
}

function respelled(name: string, spelling: Exclude<HeaderSpelling, 'usual'>): string {
	if (spelling === 'lower') return name.toLowerCase();
	if (spelling === 'upper') return name.toUpperCase();
	return name === 'X-Tiporicevuta' ? 'X-TipoRicevuta' : name;
}
