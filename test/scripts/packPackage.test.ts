import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packPackage } from '../../scripts/editor/packPackage.ts';
import { temporaryFolder } from './temporary.ts';

it('leaves the package as n8n would install it: what is published, and no dependencies but its own', async () => {
	const source = temporaryFolder();
	const cache = temporaryFolder();
	mkdirSync(join(source, 'dist'));
	writeFileSync(join(source, 'dist', 'index.js'), '');
	writeFileSync(join(source, 'secret.txt'), 'not published');
	const manifest = {
		name: 'n8n-nodes-stub',
		version: '1.2.3',
		files: ['dist'],
		devDependencies: { vitest: '4.1.12' },
		peerDependencies: { 'n8n-workflow': '*' },
		optionalDependencies: { imapflow: '2.10.2' },
	};
	writeFileSync(join(source, 'package.json'), JSON.stringify(manifest));

	const packed = await packPackage(temporaryFolder(), source, cache);

	expect(packed).toMatchObject({ name: 'n8n-nodes-stub', version: '1.2.3' });
	expect(existsSync(join(packed.folder, 'dist', 'index.js'))).toBe(true);
	expect(existsSync(join(packed.folder, 'secret.txt'))).toBe(false);
	expect(JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8'))).toEqual({
		name: 'n8n-nodes-stub',
		version: '1.2.3',
		files: ['dist'],
	});
});
