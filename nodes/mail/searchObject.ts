import type { SearchObject } from 'imapflow';
import type { SearchCriteria } from './types';

/** imapflow's query for our criteria; none given means all messages. */
export function searchObjectOf(criteria: SearchCriteria): SearchObject {
	const { since, before, header, ...plain } = criteria;
	const query: SearchObject = { ...plain };
	if (since) query.since = dayOf(since);
	if (before) query.before = dayOf(before);
	if (header) query.header = { ...header };
	return Object.keys(query).length === 0 ? { all: true } : query;
}

/**
 * Midnight UTC: searches know days (RFC 3501 6.4.4), and of a time of day imapflow would make BEFORE the next one. Of a
 * server with WITHIN (RFC 5032) it asks ages in seconds instead, by this machine's clock.
 */
function dayOf(date: Date): Date {
	return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
}
