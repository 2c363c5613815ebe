import type { SecureContext } from 'node:tls';
import type { AccountStore } from '../store/accountStore.ts';
import type { Folder } from '../store/folder.ts';
import type { MailStore } from '../store/mailStore.ts';
import { ArgumentParser, BadCommandError } from './argumentParser.ts';
import { APPEND_LIMIT } from './capabilities.ts';
import type { Capabilities } from './capabilities.ts';
import type { CommandDefinition, Reply } from './command.ts';
import type { RawCommand } from './commandReader.ts';
import { COMMANDS } from './commands/index.ts';
import type { Connection } from './connection.ts';
import { keepsModseq } from './modseq.ts';
import { Points } from './points.ts';
import type { EnterAccount, SessionEvent, SessionOptions } from './sessionOptions.ts';
import { SelectedFolder } from './selectedFolder.ts';

const TAG = /[^\x00-\x20(){%*"\\+\x7f-\xff]+/y;
const COMMAND_NAME = /[A-Za-z]+/y;

/** Bytes of a literal: a password before, a message after signing in. */
export const LITERAL_LIMITS = { before: 8 * 1024, after: APPEND_LIMIT };

/** One client's conversation: reads commands, runs them one after the other, tells of changes between them. */
export class Session {
	readonly connection: Connection;
	readonly store: MailStore;
	readonly capabilities: Capabilities;
	readonly secureContext: SecureContext;
	readonly now: () => Date;
	/** Extensions the client uses: CONDSTORE, QRESYNC, UTF8=ACCEPT (RFC 5161). */
	readonly enabled = new Set<string>();
	/** Of the command at work. */
	tag = '';
	/** Where faults may stand. */
	readonly points: Points;
	account: AccountStore | undefined;
	selected: SelectedFolder | undefined;

	readonly #log: (event: SessionEvent) => void;
	readonly #enter: EnterAccount;
	#leave: (() => void) | undefined;
	#state: 'working' | 'quiet' | 'idling' = 'quiet';
	#pushing = false;
	#hungUp = false;

	constructor(options: SessionOptions) {
		this.connection = options.connection;
		this.store = options.store;
		this.capabilities = options.capabilities;
		this.secureContext = options.secureContext;
		this.now = options.now;
		this.#log = options.log;
		this.#enter = options.enter;
		const [plus, minus] = ['LITERAL+', 'LITERAL-'].map((name) => this.capabilities.has(name));
		this.connection.reader.nonSynchronizing = plus ? 'any' : minus ? 'small' : 'none';
		this.points = new Points(this, options.faults, options.number);
		this.connection.onLiteral = async (firstLine) => {
			const args = new ArgumentParser({ lines: [firstLine], literals: [] });
			args.take(TAG);
			args.takes(' ');
			await this.points.pass('imap.literal', commandName(args));
		};
	}

	/** Whether folder names are UTF-8 on the wire (RFC 6855 3). */
	get utf8(): boolean {
		return this.enabled.has('UTF8=ACCEPT');
	}

	/** What `$` stands for; `undefined` when it is no set here (RFC 5182). */
	get saved(): readonly number[] | undefined {
		return this.capabilities.has('SEARCHRES') ? this.selected?.saved : undefined;
	}

	/** Greets, then answers until the connection ends. Never rejects. */
	async run(): Promise<void> {
		await this.points.pass('imap.connection');
		this.write(`* OK [CAPABILITY ${this.capabilityList()}] ready\r\n`);
		await this.connection.flush();
		for (;;) {
			const command = await this.connection.nextCommand();
			if (command === undefined || this.#hungUp) break;
			this.#state = 'working';
			await this.#answer(command);
			this.#state = 'quiet';
		}
		this.deselect();
		this.#leave?.();
	}

	/** Ends the connection once all is sent; what the client sent already is not read any more. */
	hangUp(): void {
		this.#hungUp = true;
		this.connection.end();
	}

	write(part: string | Buffer): void {
		this.connection.write(part);
	}

	capabilityList(): string {
		const state = { encrypted: this.connection.encrypted, signedIn: this.account !== undefined };
		return this.capabilities.list(state).join(' ');
	}

	/** The account of a session that has signed in; the dispatcher lets no other command get here. */
	signedIn(): AccountStore {
		if (this.account === undefined) throw new BadCommandError('sign in first');
		return this.account;
	}

	/** The selected folder; the dispatcher lets no command get here without. */
	open(): SelectedFolder {
		if (this.selected === undefined) throw new BadCommandError('select a folder first');
		return this.selected;
	}

	/** Signs in unless the account may not have another session: then the answer says how to refuse it. */
	signIn(account: AccountStore): 'no' | 'bye' | undefined {
		const entry = this.#enter(account.address);
		if (entry.refusal !== undefined) return entry.refusal;
		this.#leave = entry.leave;
		this.account = account;
		this.connection.reader.maxLiteral = LITERAL_LIMITS.after;
		return undefined;
	}

	select(folder: Folder, readOnly: boolean): SelectedFolder {
		this.deselect();
		this.selected = new SelectedFolder(folder, {
			readOnly,
			keywords: this.capabilities.has('KEYWORDS'),
			sight: this.points.sightOf(folder),
			onChange: () => this.#push(),
		});
		return this.selected;
	}

	deselect(): void {
		this.selected?.close();
		this.selected = undefined;
	}

	/** Tells of changes at once until the client's next line, which is returned (RFC 2177). */
	async idle(): Promise<RawCommand | undefined> {
		this.#state = 'idling';
		this.write('+ idling\r\n');
		this.#writeUpdates({ expunges: true });
		await this.connection.flush();
		const line = await this.connection.nextCommand();
		this.#state = 'working';
		return line;
	}

	async #answer(command: RawCommand): Promise<void> {
		const args = new ArgumentParser(command);
		const tag = args.take(TAG);
		if (tag === undefined || !args.takes(' ')) {
			this.write('* BAD expected a tag and a command\r\n');
			await this.connection.flush();
			return;
		}
		this.tag = tag;
		const name = commandName(args);
		const definition = COMMANDS.get(name);
		const instead = await this.points.pass('imap.command', name);
		if (this.connection.closed) return;
		// the client's numbers and UIDs may be those of other messages by now
		if (definition?.when === 'selected' && this.#leaveIfLost()) return;
		let reply = instead ?? (await this.#run(name, definition, args));
		if (definition !== undefined && this.connection.closed) return;
		if (instead === undefined) reply = (await this.points.pass('imap.done', name)) ?? reply;
		if (this.connection.line.over) return;
		this.#writeUpdates({ expunges: definition?.expunges ?? true });
		const code = reply.code === undefined ? '' : `[${reply.code}] `;
		this.write(`${tag} ${reply.status} ${code}${reply.text}\r\n`);
		await this.connection.flush();
		await this.points.pass('imap.replied', name);
		if (this.connection.line.over) return;
		reply.afterwards?.();
		this.#leaveIfLost();
	}

	async #run(
		name: string,
		definition: CommandDefinition | undefined,
		args: ArgumentParser,
	): Promise<Reply> {
		const capability = definition?.capability;
		if (
			definition === undefined ||
			(capability !== undefined && !this.capabilities.has(capability))
		) {
			this.#log({ command: 'unknown', status: 'BAD' });
			return { status: 'BAD', text: 'unknown command' };
		}
		let reply: Reply;
		let error: unknown;
		try {
			reply = this.#misplaced(definition) ?? (await definition.run(this, args));
		} catch (thrown) {
			if (thrown instanceof BadCommandError) {
				reply = { status: 'BAD', text: thrown.message };
			} else {
				error = thrown;
				reply = { status: 'NO', code: 'SERVERBUG', text: 'the server failed' };
			}
		}
		this.#log({ command: name, status: reply.status, ...(error === undefined ? {} : { error }) });
		return reply;
	}

	#misplaced({ when }: CommandDefinition): Reply | undefined {
		if (when === 'notAuthenticated' && this.account !== undefined) {
			return { status: 'BAD', text: 'signed in already' };
		}
		if ((when === 'authenticated' || when === 'selected') && this.account === undefined) {
			return { status: 'BAD', text: 'sign in first' };
		}
		if (when === 'selected' && this.selected === undefined) {
			return { status: 'BAD', text: 'select a folder first' };
		}
		return undefined;
	}

	#writeUpdates(options: { expunges: boolean }): void {
		const modseq = this.enabled.has('CONDSTORE') && keepsModseq(this);
		const vanished = this.enabled.has('QRESYNC');
		const updates = this.selected?.takeUpdates({ ...options, modseq, vanished }) ?? [];
		for (const update of updates) this.write(update);
	}

	/** A burst of deliveries is told in one go, but before anything else happens. */
	#push(): void {
		if (this.#pushing || this.#state === 'working') return;
		this.#pushing = true;
		queueMicrotask(() => {
			this.#pushing = false;
			if (this.#state === 'working') return;
			if (this.#state === 'idling') {
				this.#writeUpdates({ expunges: true });
				this.connection.send();
			}
			this.#leaveIfLost();
		});
	}

	#leaveIfLost(): boolean {
		if (this.selected?.lost === undefined) return false;
		this.write(`* BYE the selected folder was ${this.selected.lost}, sign in again\r\n`);
		this.hangUp();
		return true;
	}
}

function commandName(args: ArgumentParser): string {
	const name = (args.take(COMMAND_NAME) ?? '').toUpperCase();
	if (name !== 'UID' || !args.takes(' ')) return name;
	return `UID ${(args.take(COMMAND_NAME) ?? '').toUpperCase()}`;
}
