import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import typescriptParser from '@typescript-eslint/parser';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';

const communityNodes = n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport;
const plugins = { 'n8n-nodes-base': n8nNodesBase };

export default [
	{ ignores: ['dist/**', 'node_modules/**'] },
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts', 'index.ts', 'package.json'],
		languageOptions: {
			parser: typescriptParser,
			parserOptions: { sourceType: 'module', extraFileExtensions: ['.json'] },
		},
		plugins: communityNodes.plugins,
		rules: communityNodes.rules,
	},
	{
		files: ['nodes/**/*.ts'],
		plugins,
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			// Rules for n8n's own repository; each contradicts the community rule named beside it.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off', // node-connection-type-literal
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
		},
	},
	{
		files: ['credentials/**/*.ts'],
		plugins,
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			// Likewise: community credentials must give a URL (cred-class-field-documentation-url-not-http-url).
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
		},
	},
	{
		files: ['package.json'],
		plugins,
		rules: {
			...n8nNodesBase.configs.community.rules,
			// The only rule that is off. IMAP, SMTP and MIME need libraries; a bundle of the same libraries breaks more rules
			// and can be audited less than plain pinned dependencies can.
			'@n8n/community-nodes/no-runtime-dependencies': 'off',
		},
	},
];
