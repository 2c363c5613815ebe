import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { findFreePort, portIsFree, requireFreePort } from '../../scripts/editor/ports.ts';

it('tells a port in use from a free one', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	onTestFinished(() => void server.close());
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const free = await findFreePort();
	expect([await portIsFree(port), await portIsFree(free)]).toEqual([false, true]);
	await expect(requireFreePort(port)).rejects.toThrow(`Port ${port} of this machine is in use`);
});
