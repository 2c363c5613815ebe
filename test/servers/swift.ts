import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServerFolder, freePorts, giveTo, ownerOfServer, runServer } from './imapProcess.ts';

export const SWIFT_MISSING = 'OpenStack Swift is not installed: apt-get install python3-swift';

/** The system's own: Debian's Swift is a library of that one. */
const PYTHON = '/usr/bin/python3';
const LIBRARY = '/usr/lib/python3/dist-packages/swift';
const SERVER = 'swiftServer.py';

/** An object store that speaks S3: OpenStack Swift. */
export interface ObjectStore {
	/** For clients of S3, with the bucket in the path. */
	readonly endpoint: string;
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly region: string;
	/** There from the beginning. */
	readonly bucket: string;
	/** What is in the bucket, by key; asked by Swift's own interface, not by S3. */
	contents(): Promise<ReadonlyMap<string, Buffer>>;
	stop(): Promise<void>;
}

/** Where Swift is installed, or `undefined`. */
export function swiftPath(): string | undefined {
	return [PYTHON, LIBRARY].every((path) => existsSync(path)) ? LIBRARY : undefined;
}

/**
 * Starts Swift as an ordinary user, in memory alone, on a free port of 127.0.0.1.
 * @throws Error SWIFT_MISSING when it is not installed
 */
export async function startSwift(): Promise<ObjectStore> {
	if (swiftPath() === undefined) throw new Error(SWIFT_MISSING);
	const owner = ownerOfServer();
	const folder = await createServerFolder('swift');
	await copyFile(join(import.meta.dirname, SERVER), join(folder, SERVER));
	await giveTo(owner, folder);
	const [port = 0] = await freePorts(1);
	const accessKeyId = 'studio:archivio';
	const secretAccessKey = 'prova-s3';
	const bucket = 'pec';
	const stop = await runServer({
		name: 'Swift',
		folder,
		owner,
		// Isolated from the packages of a Python that its user put first on the path.
		command: [
			PYTHON,
			...['-s', '-E', SERVER, folder, String(port), accessKeyId, secretAccessKey, bucket],
		],
		ready: 'ready',
	});
	const endpoint = `http://127.0.0.1:${port}`;
	const contents = async () => {
		const [account = ''] = accessKeyId.split(':');
		const container = `${endpoint}/v1/AUTH_${account}/${bucket}`;
		const signedIn = await answer(`${endpoint}/auth/v1.0`, {
			'X-Storage-User': accessKeyId,
			'X-Storage-Pass': secretAccessKey,
		});
		const headers = { 'X-Auth-Token': signedIn.headers.get('X-Auth-Token') ?? '' };
		const list = await answer(`${container}?format=json`, headers);
		const objects = (await list.json()) as ReadonlyArray<{ name: string }>;
		const entries = objects.map(async ({ name }) => {
			const object = await answer(`${container}/${encodeURI(name)}`, headers);
			return [name, Buffer.from(await object.arrayBuffer())] as const;
		});
		return new Map(await Promise.all(entries));
	};
	return { endpoint, accessKeyId, secretAccessKey, region: 'us-east-1', bucket, contents, stop };
}

async function answer(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
	const response = await fetch(url, { headers });
	if (!response.ok) throw new Error(`Swift answered ${response.status} to ${url}`);
	return response;
}
