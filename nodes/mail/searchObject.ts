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
 * Midnight UTC. imapflow turns a time of day into other searches: BEFORE of the next day, or with WITHIN (RFC 5032)
 * a count of seconds.
 */
function dayOf(date: Date): Date {
	return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
}
