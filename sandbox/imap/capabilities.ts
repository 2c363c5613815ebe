/** Bytes of one message; all folders have the same limit. */
export const APPEND_LIMIT = 200 * 1024 * 1024;

/** `inClear`: before TLS; `encrypted`: before signing in, under TLS. */
type Moment = 'always' | 'inClear' | 'encrypted' | 'signedIn' | 'unlisted';

interface Offer {
	readonly when: Moment;
	/** Gone without these. */
	readonly needs?: readonly string[];
}

/** What CAPABILITY lists, and behaviours that have no name on the wire but can be taken away all the same. */
const OFFERS: ReadonlyMap<string, Offer> = new Map<string, Offer>([
	['LITERAL+', { when: 'always' }],
	// RFC 7888 5: never beside LITERAL+, so it is offered when that one is taken away.
	['LITERAL-', { when: 'always' }],
	['SASL-IR', { when: 'always' }],
	['ID', { when: 'always' }],
	['ENABLE', { when: 'always' }],
	['STARTTLS', { when: 'inClear' }],
	['LOGINDISABLED', { when: 'inClear' }],
	['AUTH=PLAIN', { when: 'encrypted' }],
	['AUTH=LOGIN', { when: 'encrypted' }],
	['IDLE', { when: 'signedIn' }],
	['NAMESPACE', { when: 'signedIn' }],
	['CHILDREN', { when: 'signedIn' }],
	['LIST-EXTENDED', { when: 'signedIn' }],
	['LIST-STATUS', { when: 'signedIn', needs: ['LIST-EXTENDED'] }],
	['SPECIAL-USE', { when: 'signedIn' }],
	['STATUS=SIZE', { when: 'signedIn' }],
	['UIDPLUS', { when: 'signedIn' }],
	['UNSELECT', { when: 'signedIn' }],
	['MOVE', { when: 'signedIn' }],
	['CONDSTORE', { when: 'signedIn' }],
	['QRESYNC', { when: 'signedIn', needs: ['CONDSTORE', 'ENABLE', 'MODSEQ'] }],
	['ESEARCH', { when: 'signedIn' }],
	['SEARCHRES', { when: 'signedIn', needs: ['ESEARCH'] }],
	['PARTIAL', { when: 'signedIn', needs: ['ESEARCH'] }],
	['WITHIN', { when: 'signedIn' }],
	['OBJECTID', { when: 'signedIn' }],
	['BINARY', { when: 'signedIn' }],
	['UTF8=ACCEPT', { when: 'signedIn', needs: ['ENABLE'] }],
	['COMPRESS=DEFLATE', { when: 'signedIn' }],
	['APPENDLIMIT', { when: 'signedIn' }],
	['QUOTA', { when: 'signedIn' }],
	['QUOTA=RES-STORAGE', { when: 'signedIn', needs: ['QUOTA'] }],
	['KEYWORDS', { when: 'unlisted' }],
	['SEARCH=HEADER', { when: 'unlisted' }],
	['MODSEQ', { when: 'unlisted' }],
]);

/** Every name that can be taken away. */
export const CAPABILITY_NAMES: readonly string[] = [...OFFERS.keys()];

/** What a server offers, less what was taken away, to try clients against poorer servers. */
export class Capabilities {
	readonly #without: ReadonlySet<string>;

	/** @param without in any case; throws RangeError on a name the server does not have */
	constructor(without: readonly string[] = []) {
		const names = without.map((name) => name.toUpperCase());
		const unknown = names.find((name) => !OFFERS.has(name));
		if (unknown !== undefined) throw new RangeError(`there is no capability ${unknown}`);
		this.#without = new Set(names);
	}

	has(name: string): boolean {
		const offer = OFFERS.get(name);
		if (offer === undefined || this.#without.has(name)) return false;
		return offer.needs?.every((needed) => this.has(needed)) ?? true;
	}

	/** As CAPABILITY lists them: no password in clear (RFC 3501 11.2). */
	list(state: { encrypted: boolean; signedIn: boolean }): string[] {
		const moments = new Set<Moment>(['always']);
		if (state.signedIn) moments.add('signedIn');
		else moments.add(state.encrypted ? 'encrypted' : 'inClear');
		const offered = [...OFFERS].filter(([name, { when }]) => {
			if (name === 'LITERAL-' && this.has('LITERAL+')) return false;
			return moments.has(when) && this.has(name);
		});
		const listed = offered.map(([name]) =>
			// RFC 7889 3: one limit for all folders stands in the capability itself.
			name === 'APPENDLIMIT' ? `APPENDLIMIT=${APPEND_LIMIT}` : name,
		);
		return ['IMAP4rev1', ...listed];
	}
}
