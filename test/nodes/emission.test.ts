import type { IRun } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { endOf } from '../../nodes/PecTrigger/emission.ts';

const runOf = (status: string, error?: Error) =>
	({
		status,
		data: { resultData: { runData: {}, ...(error ? { error } : {}) } },
	}) as unknown as IRun;

describe('the end of a run', () => {
	it.each([
		['success', 'succeeded'],
		['waiting', 'succeeded'],
		['error', 'failed'],
		['crashed', 'failed'],
		['canceled', 'failed'],
	])('%s is %s', (status, end) => {
		expect(endOf(runOf(status))).toBe(end);
	});

	// n8n 2.0 gave each message again although its run had succeeded.
	it('is told by its error where n8n still calls it running', () => {
		expect(endOf(runOf('running'))).toBe('succeeded');
		expect(endOf(runOf('running', new Error('x')))).toBe('failed');
	});

	it('is a duplicate where n8n gives none', () => {
		expect(endOf(undefined)).toBe('duplicate');
	});
});
