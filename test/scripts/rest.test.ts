import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { EditorRest } from '../../scripts/editor/rest.ts';

/** An n8n that answers so, one after the other, when it is asked how far a publication is. */
async function editorThatSays(statuses: string[]): Promise<EditorRest> {
	const server = createServer((request, response) => {
		const isAsked = request.url?.endsWith('/publication-status') === true;
		const data = isAsked ? { status: statuses.shift(), triggers: [] } : { versionId: 'v' };
		request.resume();
		response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => void server.close());
	return new EditorRest(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

it('a flow that n8n shows as not published in the moment in which it is published is waited for', async () => {
	const rest = await editorThatSays(['in_progress', 'not_published', 'published']);
	expect(await rest.activate('1')).toMatchObject({ status: 'published' });
});
