/** Modified UTF-7 of a folder name (RFC 3501 5.1.3). */
export function encodeMailboxName(name: string): string {
	return name.replace(/&|[^\x20-\x7e]+/g, (run) => {
		if (run === '&') return '&-';
		const bigEndian = Buffer.from(run, 'utf16le').swap16();
		return `&${bigEndian.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
	});
}

/**
 * The folder name of these bytes: modified UTF-7, or plain UTF-8 from clients that send it; UTF-8 only for a client
 * that enabled it, to which `&` is a letter like others (RFC 6855 3).
 */
export function decodeMailboxName(bytes: Buffer, utf8 = false): string {
	if (utf8) return bytes.toString('utf8');
	return bytes.toString('utf8').replace(/&([A-Za-z0-9+,]*)-/g, (_, base64: string) => {
		if (base64 === '') return '&';
		const bigEndian = Buffer.from(base64.replaceAll(',', '/'), 'base64');
		return bigEndian
			.subarray(0, bigEndian.length & ~1)
			.swap16()
			.toString('utf16le');
	});
}

/**
 * Whether a name fits a LIST pattern: `*` stands for any characters, `%` for any but the separator `/` (RFC 3501 6.3.8).
 * In time |name| squared, whatever the pattern.
 */
export function matchesPattern(name: string, pattern: string): boolean {
	const symbols = pattern.replace(/[*%]+/g, (run) => (run.includes('*') ? '*' : '%'));
	// Each symbol but a wildcard stands for a character of the name, and no two wildcards are left side by side.
	if (symbols.length > 2 * name.length + 1) return false;
	// reachable[i]: the pattern read so far can end after i characters of the name.
	let reachable = Array.from({ length: name.length + 1 }, (_, i) => i === 0);
	// By UTF-16 units, as the name is counted: a character may be two.
	for (const symbol of symbols.split('')) {
		const next = reachable.map(() => false);
		for (let i = 0; i <= name.length; i += 1) {
			if (symbol === '*' || symbol === '%') {
				const extended = i > 0 && next[i - 1] === true && (symbol === '*' || name[i - 1] !== '/');
				next[i] = reachable[i] === true || extended;
			} else {
				next[i] = i > 0 && reachable[i - 1] === true && name[i - 1] === symbol;
			}
		}
		reachable = next;
	}
	return reachable[name.length] === true;
}
