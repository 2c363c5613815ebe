import { once } from 'node:events';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	writeFileSync,
} from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { itemsOf } from '../../scripts/editor/workflow.ts';
import { faultsOfBag, unzip } from '../pec/bagChecker.ts';
import { parerReport } from '../pec/parerReports.ts';
import { OPENSSH_MISSING, sshdPath, startOpenSsh } from '../servers/openssh.ts';
import { startOrdinaryMail } from '../servers/ordinaryMail.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { removeTables } from './dataTables.ts';
import { importExample } from './examples.ts';
import { STUDIO, credentialFor, startSandbox } from './flows.ts';
import { useEditor } from './harness.ts';
import { sftpCredential } from './storages.ts';
import { sha256 } from '../sha256.ts';

const missing = sshdPath() === undefined;

const FLOW = 'monthly-preservation';
const CLIENT = 'cliente01@pec.beta.test';
const DAY_MS = 24 * 3_600_000;
/** Of one run, on a machine that has other things to do. */
const LONGEST_MS = 150_000;

const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** The month of a day in Rome, as the settings have it. */
const monthOf = (at: Date) =>
	at.toLocaleDateString('sv-SE', { timeZone: 'Europe/Rome' }).slice(0, 7);

/** A preservation service that takes packages by HTTP. */
async function startService() {
	const taken: Array<{ headers: IncomingHttpHeaders; body: Buffer }> = [];
	const server = createServer((request, response) => {
		void buffer(request).then((body) => {
			taken.push({ headers: request.headers, body });
			response.writeHead(202).end();
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	return { taken, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/versamenti` };
}

async function setUp() {
	const { rest } = await useEditor();
	await removeTables(rest);
	// The middle of a month, more than 90 days ago also after 40 days have gone by.
	const begin = new Date(Date.now() - 150 * DAY_MS);
	begin.setUTCDate(15);
	const late = Date.now() - begin.getTime();
	const [sandbox, sftp, mail, service] = await Promise.all([
		startSandbox({ now: () => new Date(Date.now() - late) }),
		startOpenSsh(),
		startOrdinaryMail(inject('trustedTls')),
		startService(),
	]);
	onTestFinished(async () => {
		await Promise.all([sftp.stop(), mail.stop()]);
	});
	const [pec, storage, smtp, http] = [
		await rest.createCredential(credentialFor(sandbox)),
		await rest.createCredential(sftpCredential(sftp)),
		await rest.createCredential(mail.credential(`SMTP ${sftp.port}`)),
		await rest.createCredential({
			name: `HTTP ${sftp.port}`,
			type: 'httpHeaderAuth',
			data: { name: 'X-Api-Key', value: 'prova' },
		}),
	];
	const folders = {
		storage: join(sftp.storage, 'conservazione'),
		service: join(sftp.storage, 'versamenti'),
		reports: join(sftp.storage, 'rapporti'),
	};
	for (const folder of Object.values(folders)) {
		mkdirSync(folder);
		chmodSync(folder, 0o777);
	}
	const people = { reader: 'conservazione@studio.test', sender: 'n8n@studio.test' };
	const handOver = async (settings: Readonly<Record<string, string>>) => {
		const id = await importExample(rest, `${FLOW}/workflow.json`, {
			credentials: {
				'PEC account': pec,
				'SFTP storage': storage,
				'Preservation service (SFTP)': storage,
				'Preservation service (HTTP)': http,
				'Office mailbox (SMTP)': smtp,
			},
			settings: {
				storageFolder: folders.storage,
				serviceFolder: folders.service,
				serviceUrl: service.url,
				...people,
				...settings,
			},
		});
		return async () => await rest.runWorkflow(id, 'Every Month', LONGEST_MS);
	};
	const report = await importExample(rest, `${FLOW}/import-report.json`, {
		credentials: {
			'PEC account': pec,
			'Preservation service (SFTP)': storage,
			'Office mailbox (SMTP)': smtp,
		},
		settings: { reportFolder: folders.reports, ...people },
	});
	const months = {
		first: monthOf(begin),
		second: monthOf(new Date(begin.getTime() + 40 * DAY_MS)),
	};
	return {
		sandbox,
		mail,
		service,
		folders,
		months,
		handOver,
		importReports: async () => await rest.runWorkflow(report, 'Every Night', LONGEST_MS),
	};
}

describe(`The flow monthly-preservation${missing ? ` (${OPENSSH_MISSING})` : ''}`, () => {
	it.skipIf(missing)(
		'hands over what is complete once, and deletes what the service confirmed and is old',
		async () => {
			const { sandbox, mail, service, folders, months, handOver, importReports } = await setUp();
			const held = () => sandbox.store.account(STUDIO)?.folder('INBOX')?.messages ?? [];
			await sandbox.sendAs(STUDIO, { to: [CLIENT], subject: 'Avviso', text: 'x' });
			for (const subject of ['Letta', 'Mai aperta', 'Non nominata']) {
				await sandbox.sendAs(CLIENT, { to: [STUDIO], subject, text: 'x' });
			}
			await sandbox.settled();
			sandbox.holdDeliveries();
			await sandbox.sendAs(STUDIO, { to: [CLIENT], subject: 'In attesa', text: 'x' });
			await sandbox.settled();
			await asOwner(sandbox, STUDIO, async (client) => {
				await client.mailboxOpen('INBOX');
				for (const subject of ['Letta', 'Non nominata']) {
					await client.messageFlagsAdd({ subject }, ['\\Seen']);
				}
			});
			const complete = held()
				.slice(0, 5)
				.map(({ raw }) => sha256(raw));
			expect(held()).toHaveLength(6);
			const unread = sha256(held()[3]?.raw ?? Buffer.alloc(0));
			const notNamed = sha256(held()[4]?.raw ?? Buffer.alloc(0));
			const first = await handOver({ month: months.first });

			// The storage takes nothing: nothing is handed over, and nothing noted.
			chmodSync(folders.storage, 0o500);
			expect(await first()).toMatchObject({ status: 'error', lastNode: 'Write to Storage' });
			expect(namesIn(folders.service)).toEqual([]);
			chmodSync(folders.storage, 0o777);
			expect((await first()).error).toBeUndefined();
			const [name = '', ...others] = namesIn(folders.service);
			expect(others).toEqual([]);
			const zip = readFileSync(join(folders.service, name));
			expect(readFileSync(join(folders.storage, months.first, name)).equals(zip)).toBe(true);
			const bag = await unzip(zip);
			expect(faultsOfBag(bag)).toEqual([]);
			const hashes = [...bag].flatMap(([path, bytes]) =>
				path.endsWith('.eml') ? [sha256(bytes)] : [],
			);
			expect(hashes.sort()).toEqual([...complete].sort());
			expect(mail.mails().at(-1)?.text).toMatch(/Lasciato fuori:\n- In attesa \(incomplete\)/);

			// A month is handed over once.
			await first();
			expect(mail.mails().at(-1)?.subject).toBe(`Versamento PEC ${months.first}: già iniziato`);
			expect(namesIn(folders.service)).toEqual([name]);

			// The service answers: a file that is no report, and a report with a hash that nobody knows.
			writeFileSync(join(folders.reports, 'rotto.xml'), '<html>502 Bad Gateway</html>');
			const unknown = 'ab'.repeat(32);
			const named = [...hashes, unknown].filter((hash) => hash !== notNamed);
			writeFileSync(
				join(folders.reports, 'rdv-1.xml'),
				parerReport(named.map((hash) => ({ hash }))),
			);
			expect((await importReports()).error).toBeUndefined();
			expect(namesIn(folders.reports)).toEqual(['illeggibili', 'importati']);
			expect(namesIn(join(folders.reports, 'illeggibili'))).toEqual(['rotto.xml']);
			expect(namesIn(join(folders.reports, 'importati'))).toEqual(['rdv-1.xml']);
			const told = mail.mails().slice(-3);
			expect(told.map(({ subject }) => subject).sort()).toEqual([
				'Casella PEC: 3 messaggi conservati eliminati',
				'Rapporto di versamento illeggibile: rotto.xml',
				'Rapporto di versamento: non tutto è stato preso in carico',
			]);
			expect(told.some(({ text }) => text?.includes(unknown))).toBe(true);
			const left = held().map(({ raw }) => sha256(raw));
			expect(left).toHaveLength(3);
			// What nobody opened, what the report does not name, and the acceptance of what is pending.
			expect(left.slice(0, 2)).toEqual([unread, notNamed]);

			// The second month, by HTTP; what came late belongs to the first.
			await sandbox.releaseDeliveries();
			await sandbox.advance(40 * DAY_MS);
			await sandbox.sendAs(CLIENT, { to: [STUDIO], subject: 'Dopo', text: 'x' });
			await sandbox.settled();
			const second = await handOver({ month: months.second, handOverBy: 'http' });
			const done = await second();
			expect(done.error).toBeUndefined();
			const [posted] = service.taken;
			expect(service.taken).toHaveLength(1);
			expect(posted?.headers).toMatchObject({
				'x-api-key': 'prova',
				'x-file-sha256': sha256(posted?.body ?? Buffer.alloc(0)),
			});
			const inSecond = [...(await unzip(posted?.body ?? Buffer.alloc(0)))].filter(([path]) =>
				path.endsWith('.eml'),
			);
			expect(inSecond.map(([, bytes]) => sha256(bytes))).toEqual([
				sha256(held().at(-1)?.raw ?? Buffer.alloc(0)),
			]);
			expect(namesIn(folders.service)).toEqual([name]);

			// A night without reports deletes nothing more.
			expect(itemsOf(await importReports(), 'If It Did Anything')).toEqual([]);
			expect(held()).toHaveLength(5);
		},
		2 * LONGEST_MS,
	);
});
