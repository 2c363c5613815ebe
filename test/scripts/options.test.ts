import { describe, expect, it } from 'vitest';
import { parseDemoOptions } from '../../scripts/demo/options.ts';
import { editorEnvironment } from '../../scripts/editor/environment.ts';
import { SetUpFailure } from '../../scripts/setUpFailure.mjs';

describe('the options of npm start', () => {
	it.each([
		[[], { once: false, help: false }],
		[['--once', '--json', 'out.json'], { once: true, help: false, jsonFile: 'out.json' }],
		[['--port', '8080'], { once: false, help: false, port: 8080 }],
		[['--help'], { once: false, help: true }],
	])('%j', (args, options) => {
		expect(parseDemoOptions(args)).toEqual(options);
	});

	it.each([
		['an unknown one', ['--forever']],
		['a word', ['now']],
		['a missing file', ['--json']],
		['port 0', ['--port', '0']],
		['a port too high', ['--port', '65536']],
		['a port that is no number', ['--port', '1e3']],
	])('refuse %s and show the help', (_, args) => {
		expect(() => parseDemoOptions(args)).toThrow(SetUpFailure);
		expect(() => parseDemoOptions(args)).toThrow('--once');
	});
});

describe("n8n's environment", () => {
	const settings = { userFolder: '/u', dataFolder: '/u/data', port: 1, brokerPort: 2 };

	it("takes nothing of the user's own n8n over", () => {
		const machine = {
			PATH: '/bin',
			N8N_ENCRYPTION_KEY: 'k',
			DB_TYPE: 'postgresdb',
			NODE_OPTIONS: '-r x',
		};
		const environment = editorEnvironment(settings, machine);
		expect(environment.PATH).toBe('/bin');
		expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(['N8N_ENCRYPTION_KEY']));
		expect([environment.DB_TYPE, environment.NODE_OPTIONS]).toEqual([undefined, undefined]);
	});

	it('listens on 127.0.0.1 alone, calls nobody, and lets workflows into one folder', () => {
		expect(editorEnvironment(settings, {})).toMatchObject({
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_DIAGNOSTICS_ENABLED: 'false',
			N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
			N8N_RESTRICT_FILE_ACCESS_TO: '/u/data',
		});
	});
});
