export interface EditorSettings {
	readonly userFolder: string;
	/** The only folder whose files a workflow may read and write. */
	readonly dataFolder: string;
	readonly port: number;
	readonly brokerPort: number;
}

/** What a program needs of the machine. All else stays out: an N8N_ or DB_ variable of the user's would lead elsewhere. */
const INHERITED = [
	'PATH',
	'HOME',
	'USER',
	'LANG',
	'LC_ALL',
	'TMPDIR',
	'TEMP',
	'TMP',
	'SystemRoot',
	'ComSpec',
	'PATHEXT',
	'USERPROFILE',
	'APPDATA',
	'LOCALAPPDATA',
];

/** Everything in n8n that would call home, ask a question or look for updates. */
const OFF = [
	'N8N_DIAGNOSTICS_ENABLED',
	'N8N_VERSION_NOTIFICATIONS_ENABLED',
	'N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED',
	'N8N_TEMPLATES_ENABLED',
	'N8N_PERSONALIZATION_ENABLED',
	'N8N_HIRING_BANNER_ENABLED',
	'N8N_DYNAMIC_BANNERS_ENABLED',
	'N8N_VERIFIED_PACKAGES_ENABLED',
	'N8N_LICENSE_AUTO_RENEW_ENABLED',
	// Plain http on 127.0.0.1: a browser would not send a secure cookie there.
	'N8N_SECURE_COOKIE',
];

export function editorEnvironment(
	settings: EditorSettings,
	machine: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
	const inherited = INHERITED.flatMap((name) => {
		const value = machine[name];
		return value === undefined ? [] : [[name, value] as const];
	});
	return {
		...Object.fromEntries(inherited),
		...Object.fromEntries(OFF.map((name) => [name, 'false'])),
		N8N_DISABLED_MODULES: 'mcp-registry,agents,instance-ai,chat-hub',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_USER_FOLDER: settings.userFolder,
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_HOST: '127.0.0.1',
		N8N_PORT: String(settings.port),
		N8N_RUNNERS_BROKER_PORT: String(settings.brokerPort),
		N8N_RESTRICT_FILE_ACCESS_TO: settings.dataFolder,
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		N8N_LOG_OUTPUT: 'console',
		EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
		EXECUTIONS_DATA_SAVE_ON_ERROR: 'all',
		EXECUTIONS_DATA_SAVE_MANUAL_EXECUTIONS: 'true',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '10',
		GENERIC_TIMEZONE: 'Europe/Rome',
		TZ: 'Europe/Rome',
	};
}
