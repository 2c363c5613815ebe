import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { checkCopy } from '../../nodes/account/copies.ts';
import type { WantedMessage } from '../../nodes/account/hintedFolders.ts';
import { wholeMessages } from '../../nodes/account/wholeMessages.ts';
import { MailError } from '../../nodes/mail/errors.ts';
import { openImap } from '../../nodes/mail/imap.ts';
import { NotGiven } from '../../nodes/mail/notGiven.ts';
import { PIECE_BYTES } from '../../nodes/mail/messagePieces.ts';
import type { ImapSession } from '../../nodes/mail/types.ts';
import { pecKeyOf } from '../../nodes/pec/pecKey.ts';
import { mail } from '../servers/mails.ts';
import { withFolders } from '../servers/withFolders.ts';
import { MAIL_SERVERS, STUDIO, titleOf, type RunningMailServer } from '../servers/mailServers.ts';
import { sha256 } from '../sha256.ts';
import { WITHHOLDING } from './withholding.ts';

const keyOf = (raw: Buffer) => pecKeyOf(raw, raw.length);

async function hashOf(pieces: AsyncIterable<Buffer>): Promise<string> {
	const hash = createHash('sha256');
	for await (const piece of pieces) hash.update(piece);
	return hash.digest('hex');
}

/** Lines that are told apart, so that a piece in the wrong place is seen. */
function largeMail(subject: string, bytes: number): Buffer {
	const lines: string[] = [];
	for (let at = 0; at < bytes; at += 64) lines.push(String(at).padStart(62, '.'));
	return mail({ subject, body: lines.join('\r\n') });
}

describe.each(MAIL_SERVERS)('whole messages', (server) => {
	describe.skipIf(server.missing !== undefined)(titleOf(server), () => {
		let running: RunningMailServer;
		let imap: ImapSession;
		let folders = 0;
		let path: string;

		beforeAll(async () => {
			running = await server.start();
		});
		afterAll(async () => await running?.stop());
		beforeEach(async () => {
			imap = await openImap(running.studio);
			folders += 1;
			path = `Interi ${folders}`;
			await imap.ensureFolder(path);
		});
		afterEach(async () => await imap.close());

		async function read(wanted: readonly WantedMessage[]) {
			const got: Array<{ sha256?: string; pieces?: number; folder?: string }> = [];
			for await (const { message } of wholeMessages(wanted, { imap, account: STUDIO })) {
				if (!message) {
					got.push({});
					continue;
				}
				const { content, place } = message;
				const pieces: Buffer[] = [];
				if (Buffer.isBuffer(content)) pieces.push(content);
				else for await (const piece of content) pieces.push(piece);
				got.push({
					sha256: sha256(Buffer.concat(pieces)),
					pieces: pieces.length,
					folder: place.folder,
				});
			}
			return got;
		}

		it('come in the order asked for, small ones and large ones, to the byte', async () => {
			const large = largeMail(`grande ${folders}`, 3 * PIECE_BYTES - 2_000);
			const mails = [
				mail({ subject: `uno ${folders}` }),
				large,
				mail({ subject: `due ${folders}` }),
				mail({ subject: `tre ${folders}` }),
			];
			for (const raw of mails) await imap.append(path, raw);
			const { uidValidity } = await imap.open(path, { readOnly: true });
			const wanted = [3, 2, 1, 4].map((uid) => ({
				pecKey: keyOf(mails[uid - 1] ?? Buffer.alloc(0)),
				hint: { folder: path, uid, uidValidity },
			}));
			const got = await read(wanted);
			expect(got.map((one) => one.sha256)).toEqual(
				[3, 2, 1, 4].map((uid) => sha256(mails[uid - 1] ?? Buffer.alloc(0))),
			);
			expect(got.map((one) => one.pieces)).toEqual([1, 3, 1, 1]);
		});

		it('are found by what they are, wherever they lie, whatever the hint says', async () => {
			const raw = mail({ subject: `altrove ${folders}` });
			const large = largeMail(`grande altrove ${folders}`, 2 * PIECE_BYTES + 1);
			for (const each of [mail({ subject: `primo ${folders}` }), raw, large]) {
				await imap.append(path, each);
			}
			const hints = [
				undefined,
				{ folder: path, uid: 1 },
				{ folder: 'Manca', uid: 2 },
				{ folder: path, uid: 2, uidValidity: '1' },
			];
			for (const each of [raw, large]) {
				for (const hint of hints) {
					const wanted = { pecKey: keyOf(each), ...(hint ? { hint } : {}) };
					expect(await read([wanted])).toMatchObject([{ sha256: sha256(each), folder: path }]);
				}
			}
		});

		it('that are gone are told as gone, and others follow', async () => {
			const raw = mail({ subject: `resta ${folders}` });
			await imap.append(path, raw);
			const gone = mail({ subject: `mai visto ${folders}` });
			const got = await read([{ pecKey: keyOf(gone) }, { pecKey: keyOf(raw) }]);
			expect(got).toMatchObject([{}, { sha256: sha256(raw) }]);
			expect(got[0]?.sha256).toBeUndefined();
		});

		it('that another program removes or moves meanwhile hide none, and are given as long as the server does', async () => {
			const mails = [1, 2, 3, 4, 5].map((each) => largeMail(`via ${folders} ${each}`, 3_000_000));
			const wanted: WantedMessage[] = [];
			for (const raw of mails) {
				const { uid = 0 } = await imap.append(path, raw);
				wanted.push({ pecKey: keyOf(raw), hint: { folder: path, uid } });
			}
			const other = await openImap(running.studio);
			const elsewhere = `${path} altrove`;
			await other.ensureFolder(elsewhere);
			const folderOf: Array<string | undefined> = [];
			for await (const { message } of wholeMessages(wanted, { imap, account: STUDIO })) {
				folderOf.push(message?.place.folder);
				if (folderOf.length > 1) continue;
				await other.append(elsewhere, mails[3] ?? Buffer.alloc(0));
				const folder = await other.open(path, { readOnly: false });
				const uids = wanted.slice(2, 4).map(({ hint }) => hint?.uid ?? 0);
				expect((await folder.remove(uids)).deleted).toEqual(uids);
			}
			await other.close();
			const [, , removed, moved] = folderOf;
			expect(folderOf).toEqual([path, path, removed, moved, path]);
			// A session may still see what another one expunged (RFC 3501 7.4.1).
			expect([undefined, path]).toContain(removed);
			expect([elsewhere, path]).toContain(moved);
		});

		it('of which the server gives other bytes than it says are errors, and others follow', async () => {
			const mails = [1, 2, 3].map((number) => mail({ subject: `corto ${number} ${folders}` }));
			for (const raw of mails) await imap.append(path, raw);
			const cut: ImapSession = {
				...imap,
				open: async (...about) => {
					const folder = await imap.open(...about);
					return {
						...folder,
						fetchMany: async (uids) =>
							(await folder.fetchMany(uids)).map((message) =>
								message.uid === 2 ? { ...message, raw: message.raw.subarray(0, -5) } : message,
							),
					};
				},
			};
			const wanted = mails.map((raw, at) => ({
				pecKey: keyOf(raw),
				hint: { folder: path, uid: at + 1 },
			}));
			const got: string[] = [];
			for await (const { message } of wholeMessages(wanted, { imap: cut, account: STUDIO })) {
				const { content } = message!;
				if (Buffer.isBuffer(content)) got.push(sha256(content));
				else got.push(await hashOf(content).catch(({ message: text }: Error) => text));
			}
			const size = mails[1]?.length ?? 0;
			expect(got).toEqual([
				sha256(mails[0] ?? Buffer.alloc(0)),
				`The server says that message 2 of "${path}" has ${size} bytes, and gives ${size - 5}`,
				sha256(mails[2] ?? Buffer.alloc(0)),
			]);
		});

		describe('of which the server gives the header alone', () => {
			const refused = async (uid?: number) =>
				await Promise.reject(
					uid === undefined
						? new MailError('refused', 'NO', { whatToDo: 'wait', retry: 'later' })
						: new NotGiven({ folder: path, uid }),
				);

			/** @param withheld by UID */
			const withoutBodies = (how: (typeof WITHHOLDING)[number], withheld: readonly number[]) =>
				withFolders((folder) => ({
					fetchMany: async (uids) => {
						const some = uids.some((uid) => withheld.includes(uid));
						if (how === 'refuses to give' && some) await refused();
						return await folder.fetchMany(uids.filter((uid) => !withheld.includes(uid)));
					},
					fetch: async (uid) =>
						withheld.includes(uid) ? await refused(uid) : await folder.fetch(uid),
					fetchPieces: (message) =>
						withheld.includes(message.uid)
							? (async function* (): AsyncGenerator<Buffer, void> {
									await refused(message.uid);
								})()
							: folder.fetchPieces(message),
				}))(imap);

			async function appended(count: number): Promise<{ raws: Buffer[]; wanted: WantedMessage[] }> {
				const numbers = Array.from({ length: count }, (_, index) => index + 1);
				const raws = numbers.map((number) => mail({ subject: `negato ${number} ${folders}` }));
				for (const raw of raws) await imap.append(path, raw);
				const wanted = raws.map((raw, at) => ({
					pecKey: keyOf(raw),
					hint: { folder: path, uid: at + 1 },
				}));
				return { raws, wanted };
			}

			it.each(WITHHOLDING)(
				'ended all where a server %s one: now it is told, and others follow',
				async (how) => {
					const { raws, wanted } = await appended(5);
					const context = { imap: withoutBodies(how, [2]), account: STUDIO };
					const got: unknown[] = [];
					for await (const { message, refusal } of wholeMessages(wanted, context)) {
						got.push(refusal?.message ?? (message && sha256(message.content as Buffer)));
					}
					const hashes: string[] = raws.map(sha256);
					hashes[1] = `The server lists message 2 in "${path}", and does not give it`;
					expect(got).toEqual(hashes);
				},
			);

			it.each(WITHHOLDING)('are told where it %s all of a few', async (how) => {
				const { wanted } = await appended(2);
				const context = { imap: withoutBodies(how, [1, 2]), account: STUDIO };
				const told: unknown[] = [];
				for await (const { refusal } of wholeMessages(wanted, context)) {
					told.push(refusal?.message);
				}
				expect(told).toEqual(
					[1, 2].map((uid) => `The server lists message ${uid} in "${path}", and does not give it`),
				);
			});

			it.each(WITHHOLDING)('are an outage where it %s all of many', async (how) => {
				const { wanted } = await appended(11);
				const all = wanted.map(({ hint }) => hint?.uid ?? 0);
				const context = { imap: withoutBodies(how, all), account: STUDIO };
				const read = async () => {
					for await (const { message } of wholeMessages(wanted, context)) void message;
				};
				await expect(read()).rejects.toMatchObject({ code: 'refused' });
			});

			it('are named, when they are large, by the error that reading them ends with', async () => {
				const raw = largeMail(`negato ${folders}`, 2 * PIECE_BYTES);
				await imap.append(path, raw);
				const context = { imap: withoutBodies('refuses to give', [1]), account: STUDIO };
				const wanted = [{ pecKey: keyOf(raw), hint: { folder: path, uid: 1 } }];
				for await (const { message } of wholeMessages(wanted, context)) {
					await expect(hashOf(message?.content as AsyncIterable<Buffer>)).rejects.toThrow(
						`lists message 1 in "${path}", and does not give it`,
					);
				}
				expect.assertions(1);
			});
		});

		it('that are large, and shorter than the server says, are errors that name them', async () => {
			const raw = largeMail(`corto ${folders}`, 2 * PIECE_BYTES);
			await imap.append(path, raw);
			const longer: ImapSession = {
				...imap,
				open: async (...about) => {
					const folder = await imap.open(...about);
					const scan: typeof folder.scan = async (uids) =>
						(await folder.scan(uids)).map((message) => ({ ...message, size: message.size + 5 }));
					return { ...folder, scan };
				},
			};
			const wanted = { pecKey: pecKeyOf(raw, raw.length + 5), hint: { folder: path, uid: 1 } };
			const context = { imap: longer, account: STUDIO };
			for await (const { message } of wholeMessages([wanted], context)) {
				const { content } = message!;
				if (Buffer.isBuffer(content)) throw new Error('It came in one piece');
				await expect(hashOf(content)).rejects.toThrow(
					`message 1 of "${path}" has ${raw.length + 5} bytes, and gives ${raw.length}`,
				);
			}
			expect.assertions(1);
		});

		it('of which the server gives fewer bytes than it says are equal to no copy', async () => {
			const raw = mail({ subject: `tagliato ${folders}` });
			await imap.append(path, raw);
			const cut: ImapSession = {
				...imap,
				open: async (...about) => {
					const folder = await imap.open(...about);
					const fetch: typeof folder.fetch = async (uid) => {
						const message = await folder.fetch(uid);
						return message && { ...message, raw: message.raw.subarray(0, -5) };
					};
					return { ...folder, fetch };
				},
			};
			const copy = { pecKey: keyOf(raw), location: 'a.eml', bytes: raw.subarray(0, -5) };
			await expect(
				checkCopy(cut, copy, { trust: { issuers: [] }, now: new Date(0) }),
			).rejects.toThrow(`has ${raw.length} bytes, and gives ${raw.length - 5}`);
		});

		it('are compared with a copy that comes in pieces', async () => {
			const raw = largeMail(`copia ${folders}`, 2 * PIECE_BYTES);
			await imap.append(path, raw);
			const inPieces = async function* (bytes: Buffer) {
				for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
			};
			const check = async (bytes: Buffer) =>
				await checkCopy(
					imap,
					{ pecKey: keyOf(raw), bytes: inPieces(bytes), location: 'x' },
					{ trust: { issuers: [] }, now: new Date(0) },
				);
			const changed = Buffer.from(raw);
			changed[raw.length - 10] = 0x2b;
			expect(await check(raw)).toMatchObject({ result: 'equal', record: { sha256: sha256(raw) } });
			expect(await check(changed)).toEqual({ result: 'differs' });
			expect(await check(raw.subarray(0, -1))).toEqual({ result: 'differs' });
			expect(await check(Buffer.concat([raw, Buffer.from('x')]))).toEqual({ result: 'differs' });
			expect(await check(Buffer.alloc(0))).toEqual({ result: 'differs' });
		});
	});
});
