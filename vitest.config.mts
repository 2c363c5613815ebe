import { defineConfig } from 'vitest/config';

const everyProject = { environment: 'node' as const, testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					...everyProject,
					name: 'unit',
					include: ['test/{structure,pec,fuzz,n8n,nodes,upgrade,soak,model}/**/*.test.ts'],
				},
			},
			{
				test: {
					...everyProject,
					name: 'transport',
					include: [
						'test/{sandbox,mail,account,PecTrigger,scripts,bench,crash,scale,conformance}/**/*.test.ts',
					],
				},
			},
			{
				test: {
					...everyProject,
					name: 'e2e',
					include: ['test/e2e/**/*.test.ts'],
					globalSetup: ['test/e2e/globalSetup.ts'],
					testTimeout: 180_000,
					hookTimeout: 600_000,
					fileParallelism: false,
				},
			},
		],
	},
});
