import { RECORDS_FOLDER } from '../servers/watchRecords.ts';
import { PERSONS_FOLDER, RECEIPTS_FOLDER, STUDIO } from './mailbox.ts';
import { HEADER, seconds, type Point } from './places.ts';
import { strike } from './scene.ts';

/** What the provider and the owner do to the mailbox meanwhile. */
export const MAILBOX_POINTS: readonly Point[] = [
	{
		name: 'uidValidity.reset',
		strike: async (scene) => {
			const path = scene.random.pick(['INBOX', RECEIPTS_FOLDER]);
			for (const { address } of scene.mailboxes) {
				scene.sandbox.store.account(address)?.folder(path)?.resetUidValidity();
			}
			scene.shownAgain.note(path);
			await scene.traffic.nudge();
			return true;
		},
	},
	{
		name: 'person.moves',
		strike: async (scene) => {
			const [mailbox] = scene.mailboxes;
			if (!mailbox) return false;
			const from = scene.random.pick(['INBOX', RECEIPTS_FOLDER]);
			const folder = scene.sandbox.store.account(STUDIO)?.folder(from);
			const uids = scene.random
				.shuffled((folder?.messages ?? []).slice(-20).map(({ uid }) => uid))
				.slice(0, 8);
			if (uids.length === 0) return false;
			const moved = await mailbox.move(from, uids, PERSONS_FOLDER);
			scene.shownAgain.note(PERSONS_FOLDER, moved);
			return moved.length > 0;
		},
	},
	{
		name: 'person.expunges',
		strike: async (scene, signal) =>
			await strike(
				scene,
				HEADER,
				{
					do: 'call',
					run: ({ folder, mailbox }) => {
						// Whoever deletes records makes the trigger forget: that is no trouble of this kind.
						const isRecords = folder?.path === RECORDS_FOLDER;
						const target = isRecords ? mailbox?.folder('INBOX') : folder;
						const newest = target?.messages.at(-1);
						if (target && newest) scene.mailboxes[0]?.remove(target.path, newest.uid);
					},
				},
				{ signal, provoke: async () => await Promise.resolve(scene.traffic.plantDoomed()) },
			),
	},
	{
		name: 'quota.full',
		strike: async (scene, signal) =>
			await strike(
				scene,
				{ at: 'imap.command', command: 'APPEND', times: 'always' },
				{ do: 'answer', status: 'NO', code: 'OVERQUOTA', text: 'full' },
				{ signal, holdFor: async () => await seconds(scene, 2, 8) },
			),
	},
];
