/** Offered from the start, whatever the state. */
const ALWAYS = ['IMAP4rev1', 'LITERAL+', 'SASL-IR', 'ID', 'ENABLE'];

/** Offered once signed in. */
const SIGNED_IN = [
	'IDLE',
	'NAMESPACE',
	'CHILDREN',
	'LIST-EXTENDED',
	'LIST-STATUS',
	'SPECIAL-USE',
	'STATUS=SIZE',
	'UIDPLUS',
	'UNSELECT',
	'MOVE',
	'QUOTA',
	'QUOTA=RES-STORAGE',
];

/** What a server offers, less what it was built without, to try clients against poorer servers. */
export class Capabilities {
	readonly #without: ReadonlySet<string>;

	constructor(without: readonly string[] = []) {
		this.#without = new Set(without.map((name) => name.toUpperCase()));
	}

	has(name: string): boolean {
		return !this.#without.has(name.toUpperCase());
	}

	/** As CAPABILITY lists them: no password in clear (RFC 3501 11.2). */
	list(state: { encrypted: boolean; signedIn: boolean }): string[] {
		const offered = [...ALWAYS];
		if (state.signedIn) offered.push(...SIGNED_IN);
		else if (state.encrypted) offered.push('AUTH=PLAIN');
		else offered.push('STARTTLS', 'LOGINDISABLED');
		return offered.filter((name) => this.has(name));
	}
}
