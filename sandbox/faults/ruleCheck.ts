import { COMMANDS as IMAP_COMMANDS } from '../imap/commands/index.ts';
import { FAULT_POINTS, type FaultAction, type FaultPoint, type FaultRule } from './rules.ts';

export const SMTP_COMMANDS: ReadonlySet<string> = new Set(
	'EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP VRFY HELP QUIT'.split(' '),
);

type Action = FaultAction['do'];

const LINE: readonly Action[] = ['drop', 'stall', 'slow'];
const MEANWHILE: readonly Action[] = [
	'resetUidValidity',
	'fillQuota',
	'deleteMessages',
	'moveMessages',
	'call',
];

/** Which actions make sense where. */
const ACTIONS: Readonly<Record<FaultPoint, ReadonlySet<Action>>> = {
	'imap.connection': new Set<Action>([...LINE, ...MEANWHILE, 'answer']),
	'imap.literal': new Set<Action>([...LINE, ...MEANWHILE]),
	'imap.command': new Set<Action>([...LINE, ...MEANWHILE, 'answer', 'ignore', 'hide']),
	'imap.done': new Set<Action>([...LINE, ...MEANWHILE, 'answer']),
	'imap.replied': new Set<Action>([...LINE, ...MEANWHILE, 'answer']),
	'smtp.connection': new Set<Action>([...LINE, ...MEANWHILE, 'answer']),
	'smtp.command': new Set<Action>([...LINE, ...MEANWHILE, 'answer']),
	'smtp.body': new Set<Action>([...LINE, ...MEANWHILE]),
	'smtp.dot': new Set<Action>([...LINE, ...MEANWHILE, 'answer', 'ignore']),
	'smtp.accepted': new Set<Action>([...LINE, ...MEANWHILE, 'answer']),
	'smtp.replied': new Set<Action>([...LINE, ...MEANWHILE]),
	'mailbox.delivered': new Set<Action>([...MEANWHILE, 'hide']),
};

/** Where only the connection itself can still be spoken of, no command. */
const BYE_ONLY: ReadonlySet<FaultPoint> = new Set(['imap.connection', 'imap.replied']);

type Check = (value: unknown) => boolean;

const isText: Check = (value) =>
	typeof value === 'string' && value !== '' && /^[\x20-\x7e]*$/.test(value);
const isName: Check = (value) => typeof value === 'string' && value !== '';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber: Check = (value) => isCount(value) && value !== 0;
const isTime: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isDirection: Check = (value) => value === 'sent' || value === 'received';
const isUids: Check = (value) => Array.isArray(value) && value.every(isNumber);
const isCode: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9 .()-]+$/.test(value);

type Fields = Readonly<Record<string, { readonly is: Check; readonly needed?: true }>>;

const CUTS: Fields = { afterBytes: { is: isCount }, direction: { is: isDirection } };
const MESSAGES: Fields = { folder: { is: isName }, uids: { is: isUids } };

const FIELDS: Readonly<Record<Action, Fields>> = {
	drop: CUTS,
	stall: CUTS,
	slow: { bytesPerSecond: { is: isNumber, needed: true }, direction: { is: isDirection } },
	answer: {
		status: { is: (value) => value === 'NO' || value === 'BAD' || value === 'BYE' },
		code: { is: isCode },
		reply: { is: (value) => isCount(value) && /^[245]\d\d$/.test(String(value)) },
		text: { is: isText },
	},
	ignore: {},
	hide: { forMs: { is: isTime } },
	resetUidValidity: { folder: { is: isName } },
	fillQuota: { freeBytes: { is: isCount } },
	deleteMessages: MESSAGES,
	moveMessages: { to: { is: isName, needed: true }, ...MESSAGES },
	call: { run: { is: (value) => typeof value === 'function', needed: true } },
};

const RULE_FIELDS: Fields = {
	at: { is: (value) => (FAULT_POINTS as readonly unknown[]).includes(value), needed: true },
	command: { is: isName },
	account: { is: isName },
	connection: { is: isNumber },
	skip: { is: isCount },
	every: { is: isNumber },
	times: { is: (value) => value === 'always' || isNumber(value) },
	name: { is: isText },
	action: { is: (value) => isRecord(value), needed: true },
};

/** What is wrong with a rule, in a few words; undefined when it is one. */
export function ruleProblem(value: unknown): string | undefined {
	if (!isRecord(value)) return 'a rule is an object';
	const wrong = fieldProblem(value, RULE_FIELDS);
	if (wrong !== undefined) return wrong;
	const rule = value as unknown as FaultRule;
	return commandProblem(rule) ?? actionProblem(rule);
}

/** The rules of a JSON text. Throws an Error that says in one line which rule is wrong, counted from 1, and why. */
export function readRules(text: string): FaultRule[] {
	let values: unknown;
	try {
		values = JSON.parse(text);
	} catch {
		throw new Error('this is no JSON');
	}
	if (!Array.isArray(values)) throw new Error('expected an array of rules');
	values.forEach((value: unknown, index) => {
		const problem = ruleProblem(value);
		if (problem !== undefined) throw new Error(`rule ${index + 1}: ${problem}`);
	});
	return values as FaultRule[];
}

function commandProblem({ at, command }: FaultRule): string | undefined {
	if (command === undefined) return undefined;
	const name = command.toUpperCase();
	const hasCommand = !at.endsWith('.connection') && at !== 'mailbox.delivered';
	if (!hasCommand) return `there is no command at ${at}`;
	if (at.startsWith('imap.') ? IMAP_COMMANDS.has(name) : isSmtpCommand(at, name)) return undefined;
	return `no such command at ${at}`;
}

function isSmtpCommand(at: FaultPoint, name: string): boolean {
	return at === 'smtp.command' ? SMTP_COMMANDS.has(name) : name === 'DATA';
}

function actionProblem({ at, action }: FaultRule): string | undefined {
	if (!Object.hasOwn(FIELDS, action.do)) return 'no such action';
	if (!ACTIONS[at].has(action.do)) return `${action.do} makes no sense at ${at}`;
	const wrong = fieldProblem(action as unknown as Record<string, unknown>, FIELDS[action.do]);
	if (wrong !== undefined) return `action: ${wrong}`;
	if (action.do !== 'answer') return undefined;
	const isImap = at.startsWith('imap.');
	if (isImap !== 'status' in action || isImap === 'reply' in action) {
		return isImap ? 'an IMAP answer has a status' : 'an SMTP answer has a reply code';
	}
	if ('reply' in action) {
		return 'code' in action ? 'an SMTP answer has no code' : undefined;
	}
	if (BYE_ONLY.has(at) && action.status !== 'BYE') return `only BYE makes sense at ${at}`;
	return undefined;
}

function fieldProblem(value: Record<string, unknown>, fields: Fields): string | undefined {
	for (const [name, { is, needed }] of Object.entries(fields)) {
		const given = value[name];
		if (given === undefined ? needed === true : !is(given)) {
			return given === undefined ? `${name} is missing` : `${name} is wrong`;
		}
	}
	const unknown = Object.keys(value).find((name) => name !== 'do' && !Object.hasOwn(fields, name));
	return unknown === undefined ? undefined : `${JSON.stringify(unknown)} is not known`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
