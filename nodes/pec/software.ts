/** What made a package, as its indexes name it; the version is package.json's, which a test sees to. */
export const SOFTWARE = {
	name: 'n8n-nodes-pec',
	version: '0.1.0',
	producer: 'The n8n-nodes-pec contributors',
} as const;
