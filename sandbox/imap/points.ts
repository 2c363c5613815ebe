import type { Faults } from '../faults/faults.ts';
import type { FaultPoint } from '../faults/rules.ts';
import type { Folder } from '../store/folder.ts';
import type { Reply } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { folderView, type FolderView } from './folderView.ts';
import type { Session } from './session.ts';

/** How far into a folder a session may see. */
export interface Sight {
	/** The lowest UID that is hidden from it; Infinity when it sees all. */
	horizon(): number;
	/** Calls back when something comes into sight. The answer stops it. */
	onLift(listener: () => void): () => void;
}

/** The points of one session where a fault may stand, and what faults hide from it. */
export class Points {
	readonly #session: Session;
	readonly #faults: Faults;
	readonly #number: number;

	/** @param number of the connection, from 1 */
	constructor(session: Session, faults: Faults, number: number) {
		this.#session = session;
		this.#faults = faults;
		this.#number = number;
	}

	/** Resolves with what the client is to be told instead; afterwards the connection may be closed. */
	async pass(point: FaultPoint, command?: string): Promise<Reply | undefined> {
		const { connection, account, selected } = this.#session;
		const verdict = await this.#faults.reach(
			{
				point,
				// nothing that a client sent but a known command's name
				command: command === undefined || COMMANDS.has(command) ? command : 'unknown',
				connection: this.#number,
				account: account?.address,
				mailbox: account,
				folder: selected?.folder,
			},
			{
				line: connection.line,
				ahead: connection.reader.buffered,
				ready: async () => {
					if (point === 'imap.connection') await connection.begun();
					if (point === 'imap.replied') await connection.left();
				},
			},
		);
		if (verdict?.kind === 'ignore') return { status: 'OK', text: 'done' };
		if (verdict?.kind !== 'answer' || !('status' in verdict.answer)) return undefined;
		const { status, code, text = 'a fault on request' } = verdict.answer;
		if (status !== 'BYE') return { status, code, text };
		connection.write(`* BYE ${code === undefined ? '' : `[${code}] `}${text}\r\n`);
		await connection.flush();
		connection.line.cut(0, 'sent');
		return undefined;
	}

	sightOf(folder: Folder): Sight {
		const { curtains } = this.#faults;
		return {
			horizon: () => curtains.horizon(folder, this.#number),
			onLift: (listener) => curtains.onLift(folder, listener),
		};
	}

	/** The figures of a folder as the session may see them. */
	viewOf(folder: Folder): FolderView {
		return folderView(folder, this.sightOf(folder).horizon());
	}
}
