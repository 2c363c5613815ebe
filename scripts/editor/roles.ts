/** What one process of n8n does. `main` does everything in regular mode; in queue mode the others are its helpers. */
export type EditorRole = 'main' | 'webhook' | 'worker';

interface RoleOfProcess {
	/** Of n8n's command line. */
	readonly command: string;
	/** Answers JSON as soon as the process can be used. */
	readonly readyPath: string;
	/** Variables that make it answer there. */
	readonly environment: (port: number) => Readonly<Record<string, string>>;
}

const READINESS = '/healthz/readiness';

export const ROLES: Readonly<Record<EditorRole, RoleOfProcess>> = {
	main: {
		command: 'start',
		// The database, the nodes and the whole interface are there; its readiness says so sooner.
		readyPath: '/rest/settings',
		environment: () => ({}),
	},
	webhook: { command: 'webhook', readyPath: READINESS, environment: () => ({}) },
	worker: {
		command: 'worker',
		readyPath: READINESS,
		environment: (port) => ({
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(port),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
		}),
	},
};
