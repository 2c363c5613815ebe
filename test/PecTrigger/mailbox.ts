import type { ImapFlow } from 'imapflow';
import { afterEach, beforeEach } from 'vitest';
import { withImap } from '../../nodes/mail/imap.ts';
import type { AccountSettings } from '../../nodes/mail/types.ts';
import { folderEnds } from '../../nodes/PecTrigger/folderEnds.ts';
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts';
import { asOwner } from '../servers/sandboxAccount.ts';
import { accountOf, letter, openDesk, type Desk, type DeskOptions } from './watching.ts';

export const STUDIO = 'studio@pec.alfa.test';

/** One mailbox of a sandbox, with the triggers that watch it; all of it ends with each test. */
export class WatchedMailbox {
	sandbox!: Sandbox;
	settings!: AccountSettings;
	readonly #desks: Desk[] = [];

	/** Another sandbox in the place of the one there was. */
	async restart(options: SandboxOptions = {}): Promise<void> {
		await this.sandbox?.stop();
		this.sandbox = await start(options);
		this.settings = accountOf(this.sandbox, STUDIO);
	}

	/** A trigger that n8n starts by itself, or that is activated in an outage. */
	open(options: DeskOptions = {}): Desk {
		const desk = openDesk(this.settings, options);
		this.#desks.push(desk);
		return desk;
	}

	/** A trigger that a person activates, connected. */
	async activate(options: DeskOptions = {}): Promise<Desk> {
		const endsAtStart = await withImap(
			this.settings,
			{},
			async (imap) => await folderEnds(imap, options.folders),
		);
		const desk = this.open({ ...options, endsAtStart });
		await desk.next('connected');
		return desk;
	}

	arrive(subject: string, folder = 'INBOX'): void {
		this.sandbox.deliverRaw(letter(subject), STUDIO, { folder });
	}

	/** Counts the commands of that name from now on. */
	count(command: string) {
		return this.sandbox.faults.add({
			at: 'imap.command',
			command,
			times: 'always',
			action: { do: 'call', run: () => undefined },
		});
	}

	makeFolder(path: string): void {
		this.sandbox.store.account(STUDIO)?.createFolder(path);
	}

	renumberInbox(): void {
		this.sandbox.store.account(STUDIO)?.folder('INBOX')?.resetUidValidity();
	}

	/** What the owner of the mailbox does in his mail program. */
	async person(work: (client: ImapFlow) => Promise<unknown>): Promise<void> {
		await asOwner(this.sandbox, STUDIO, work);
	}

	async moveAll(from: string, to: string): Promise<void> {
		await this.person(async (client) => {
			await client.mailboxOpen(from);
			await client.messageMove('1:*', to);
		});
	}

	async end(): Promise<void> {
		for (const desk of this.#desks.splice(0)) await desk.stop();
		await this.sandbox.stop();
	}
}

/** A mailbox for each test of a file. */
export function watchedMailbox(): WatchedMailbox {
	const mailbox = new WatchedMailbox();
	beforeEach(async () => await mailbox.restart());
	afterEach(async () => await mailbox.end());
	return mailbox;
}
