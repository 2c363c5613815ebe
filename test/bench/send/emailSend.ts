import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../../sandbox/index.ts';
import { startEditor, type Editor } from '../../../scripts/editor/editor.ts';
import { EditorRest } from '../../../scripts/editor/rest.ts';
import type { Owner, SavedCredential } from '../../../scripts/editor/restTypes.ts';
import { BY_HAND, inARow, rowsFrom, START, type NodeSpec } from '../../nodesInARow.ts';
import type { EditorParts } from '../../prepareEditor.ts';
import { pecCredential } from '../../servers/sandboxAccount.ts';
import { WrongAnswer, type Measurement } from '../contest.ts';
import { RECIPIENT, SENDER, textOf } from './letters.ts';
import type { Sink } from './sink.ts';

const OWNER: Owner = { email: 'owner@example.test', password: 'Only-For-Bench-1' };

export const EMAIL_SEND = "n8n's Email Send";
const OURS = 'PEC Send';

/** Newest version of n8n's node at the pinned n8n. */
const THEIR_VERSION = 2.1;

export interface EmailSendPlan {
	readonly parts: EditorParts;
	readonly folder: string;
	readonly sandbox: Sandbox;
	readonly sink: Sink;
	readonly rounds: number;
	/** Of one run. */
	readonly messages: number;
	readonly bytes: number;
}

/**
 * Both nodes in one n8n, in turns, each with as many items; a run of each before the first round does not count. The time is
 * n8n's own for the node.
 */
export async function measureEmailSend(
	plan: EmailSendPlan,
): Promise<ReadonlyMap<string, Measurement[]>> {
	const { parts, folder, sandbox, sink } = plan;
	const authorities = join(folder, 'authorities.pem');
	writeFileSync(authorities, sandbox.tlsCa + sink.tlsCa);
	let editor: Editor | undefined;
	try {
		editor = await startEditor({ ...parts, env: { NODE_EXTRA_CA_CERTS: authorities } });
		const rest = new EditorRest(editor.url);
		await rest.setUpOwner(OWNER);
		const flows = [
			{ name: OURS, run: await oursIn(rest, plan) },
			{ name: EMAIL_SEND, run: await theirsIn(rest, plan) },
		];
		const rounds = new Map(flows.map(({ name }) => [name, [] as Measurement[]]));
		for (let round = 0; round <= plan.rounds; round += 1) {
			for (const { name, run } of flows) {
				const perSecond = await counted(run, name, plan);
				if (round === 0) continue;
				rounds.get(name)?.push({ perSecond, cpuMilliseconds: NaN, peakMegabytes: NaN });
			}
		}
		return rounds;
	} finally {
		await editor?.stop();
	}
}

/** Messages a second; every message of the run has to have arrived, and no other. */
async function counted(
	run: () => Promise<number>,
	name: string,
	{ sink, messages }: EmailSendPlan,
): Promise<number> {
	const before = await sink.taken();
	const milliseconds = await run();
	const arrived = (await sink.taken()) - before;
	if (arrived !== messages) {
		throw new WrongAnswer(`${name}: ${arrived} of ${messages} messages arrived`);
	}
	return (messages / milliseconds) * 1_000;
}

/** The first mailing of all goes to the sandbox itself: what is learnt of a provider from its first receipts is known then. */
async function oursIn(rest: EditorRest, plan: EmailSendPlan): Promise<() => Promise<number>> {
	const { sandbox, sink } = plan;
	const toSandbox = pecCredential(sandbox, SENDER);
	const credential = await rest.createCredential(toSandbox);
	const mailing = (messages: number): Flow => ({
		messages,
		node: {
			type: 'n8n-nodes-pec.pecSend',
			typeVersion: 1,
			parameters: {
				resource: 'mailing',
				operation: 'send',
				mailingName: '=bench {{ $execution.id }}',
				recipient: RECIPIENT,
				rowKey: '={{ $json.row }}',
				subject: 'Comunicazione',
				text: textOf(plan.bytes),
				options: {},
			},
			credentials: { pecApi: pick(credential) },
		},
	});
	await (
		await flowOf(rest, mailing(2))
	)();
	await sandbox.settled();
	await rest.replaceCredential(
		credential.id,
		pecCredential(sandbox, SENDER, {
			smtpPort: sink.port,
			tlsCa: sandbox.tlsCa + sink.tlsCa,
			messagesPerMinute: 1_000_000,
		}),
	);
	return await flowOf(rest, mailing(plan.messages));
}

async function theirsIn(rest: EditorRest, plan: EmailSendPlan): Promise<() => Promise<number>> {
	const credential = await rest.createCredential({
		name: 'SMTP',
		type: 'smtp',
		data: { host: 'localhost', port: plan.sink.port, secure: true, user: SENDER, password: 'x' },
	});
	return await flowOf(rest, {
		messages: plan.messages,
		node: {
			type: 'n8n-nodes-base.emailSend',
			typeVersion: THEIR_VERSION,
			parameters: {
				resource: 'email',
				operation: 'send',
				fromEmail: SENDER,
				toEmail: RECIPIENT,
				subject: 'Comunicazione',
				emailFormat: 'text',
				text: textOf(plan.bytes),
				options: { appendAttribution: false },
			},
			credentials: { smtp: pick(credential) },
		},
	});
}

function pick({ id, name }: SavedCredential) {
	return { id, name };
}

interface Flow {
	readonly messages: number;
	readonly node: Omit<NodeSpec, 'name'>;
}

const RUN_MS = 10 * 60_000;

/** @returns what runs it once, and answers how many milliseconds the node took */
async function flowOf(rest: EditorRest, { messages, node }: Flow): Promise<() => Promise<number>> {
	const jsCode = `return Array.from({ length: ${messages} }, (_, row) => ({ json: { row } }));`;
	const specs = [BY_HAND, rowsFrom(jsCode), { name: 'Send', ...node }];
	const { id } = await rest.createWorkflow(inARow(node.type, specs));
	return async () => {
		const execution = await rest.runWorkflow(id, START, RUN_MS);
		const milliseconds = execution.runs.Send?.at(-1)?.executionTime;
		if (execution.status === 'success' && milliseconds !== undefined) return milliseconds;
		throw new WrongAnswer(`${node.type}: ${execution.error?.message ?? execution.status}`);
	};
}
