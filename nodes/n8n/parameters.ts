import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { UserError } from './errors';
import { knownZone } from './zonedTime';

export interface BinaryFile {
	readonly fileName: string;
	readonly mimeType: string;
	readonly content: Buffer;
}

/** A file that is there, and is read when it is needed: a mailing of thousands does not hold them all. */
export interface FileHandle {
	readonly fileName: string;
	readonly mimeType: string;
	/** Bytes, where n8n knows it without reading the file. */
	readonly size?: number;
	/** Distinct for distinct files of one execution. */
	readonly source: string;
	load(): Promise<Buffer>;
}

/** One of n8n's binary store. */
export interface StoredHandle extends FileHandle {
	/** Its content in pieces, from the beginning each time. */
	pieces(): AsyncIterable<Uint8Array>;
}

/** The parameters of one item as values, so that operations never see n8n. */
export class Parameters {
	readonly itemIndex: number;
	private readonly functions: IExecuteFunctions;

	constructor(functions: IExecuteFunctions, itemIndex: number) {
		this.functions = functions;
		this.itemIndex = itemIndex;
	}

	/** Trimmed. @throws UserError when it is required and empty. */
	text(name: string, label?: string): string {
		const value = String(this.functions.getNodeParameter(name, this.itemIndex, '') ?? '').trim();
		if (label !== undefined && value === '') {
			throw new UserError(
				`${label} is empty`,
				`Fill in ${label}, or check the expression in it for this item.`,
			);
		}
		return value;
	}

	/** As typed, nothing trimmed: for the text of a letter. */
	rawText(name: string): string {
		return String(this.functions.getNodeParameter(name, this.itemIndex, '') ?? '');
	}

	/** The first choice where there is none. @throws UserError for a value that is no choice */
	choice<T extends string>(name: string, label: string, choices: readonly [T, ...T[]]): T {
		return choiceOf(this.text(name), label, choices);
	}

	/** As an expression gave it, of whatever type. */
	value(name: string): unknown {
		return this.functions.getNodeParameter(name, this.itemIndex, '');
	}

	/** The parts `{{ … }}` of a parameter that give nothing for this item, as they are written in it. */
	emptyExpressions(name: string): string[] {
		const raw = this.functions.getNodeParameter(name, this.itemIndex, '', { rawExpressions: true });
		if (typeof raw !== 'string' || !raw.startsWith('=')) return [];
		return expressionsIn(raw).filter((expression) =>
			isNothing(this.functions.evaluateExpression(expression, this.itemIndex)),
		);
	}

	/** Values separated by commas, or an array from an expression. */
	list(name: string): string[] {
		return toList(this.functions.getNodeParameter(name, this.itemIndex, ''));
	}

	/** @throws UserError for what an expression gave and is no number: nothing is guessed, an empty value least of all. */
	number(name: string, label: string): number {
		const given = this.functions.getNodeParameter(name, this.itemIndex);
		const value = String(given ?? '').trim() === '' ? Number.NaN : Number(given);
		if (Number.isFinite(value)) return value;
		throw new UserError(`${label} is no number`, `Check the expression in ${label} for this item.`);
	}

	/** @throws UserError for what an expression gave and is neither true nor false. */
	flag(name: string, label: string): boolean {
		const given = String(this.functions.getNodeParameter(name, this.itemIndex));
		if (given === 'true' || given === 'false') return given === 'true';
		throw new UserError(
			`${label} is neither true nor false`,
			`Check the expression in ${label} for this item.`,
		);
	}

	/** The value of a resource locator, whatever way it was chosen. */
	locator(name: string, label: string): string {
		const value = this.functions.getNodeParameter(name, this.itemIndex, '', { extractValue: true });
		const text = String(value ?? '').trim();
		if (text === '') throw new UserError(`${label} is empty`, `Choose ${label} from the list.`);
		return text;
	}

	/** Of the workflow, IANA name. */
	get timeZone(): string {
		return knownZone(this.functions.getTimezone());
	}

	collection(name: string): IDataObject {
		return this.functions.getNodeParameter(name, this.itemIndex, {}) as IDataObject;
	}

	json(): IDataObject {
		return this.functions.getInputData()[this.itemIndex]?.json ?? {};
	}

	/**
	 * Names of binary fields, separated by commas; one that ends in `*` stands for all that begin so.
	 * @throws UserError when the parameter is empty
	 */
	fileFields(name: string, label: string): string[] {
		this.text(name, label);
		const present = Object.keys(this.functions.getInputData()[this.itemIndex]?.binary ?? {});
		const fields = this.list(name).flatMap((field) => {
			const matches = field.endsWith('*')
				? present.filter((one) => one.startsWith(field.slice(0, -1)))
				: [];
			// What matches nothing keeps its name: opening it says what there is.
			return matches.length > 0 ? matches : [field];
		});
		return [...new Set(fields)];
	}

	/** @throws UserError when the item has no such binary field. */
	async file(field: string): Promise<BinaryFile> {
		const { fileName, mimeType, load } = this.fileHandle(field);
		return { fileName, mimeType, content: await load() };
	}

	/** @throws UserError when the item has no such binary field. */
	fileHandle(field: string): StoredHandle {
		const binary = this.functions.getInputData()[this.itemIndex]?.binary;
		const data = binary?.[field];
		if (data === undefined) {
			const present = Object.keys(binary ?? {});
			throw new UserError(
				`There is no binary field "${field}"`,
				present.length === 0
					? 'This item carries no files. Add a node before this one that puts a file in that field.'
					: `This item has: ${present.join(', ')}.`,
			);
		}
		return {
			fileName: data.fileName ?? field,
			mimeType: data.mimeType,
			...(data.bytes === undefined ? {} : { size: data.bytes }),
			source: data.id ?? `${this.itemIndex}:${field}`,
			load: async () => await this.functions.helpers.getBinaryDataBuffer(this.itemIndex, field),
			pieces: () => this.#piecesOf(field, data.id),
		};
	}

	async *#piecesOf(field: string, id: string | undefined): AsyncGenerator<Uint8Array, void> {
		// Without an id n8n keeps it in the item itself, in memory.
		if (id === undefined) {
			yield await this.functions.helpers.getBinaryDataBuffer(this.itemIndex, field);
			return;
		}
		const stream = await this.functions.helpers.getBinaryStream(id);
		for await (const piece of stream) yield Buffer.from(piece);
	}

	/** Of the fields that a parameter names. @throws UserError when the item has not all of them */
	fileHandles(name: string): FileHandle[] {
		return this.list(name).map((field) => this.fileHandle(field));
	}
}

/** The first choice where nothing was chosen. @throws UserError for a value that is no choice */
export function choiceOf<T extends string>(
	given: unknown,
	label: string,
	choices: readonly [T, ...T[]],
): T {
	if (given === undefined || given === null || given === '') return choices[0];
	const choice = choices.find((one) => one === given);
	if (choice !== undefined) return choice;
	throw new UserError(
		`${label} has a value that is none of its choices`,
		`Use one of ${choices.join(', ')} in the expression in ${label}.`,
	);
}

export function toList(value: unknown): string[] {
	const parts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(',');
	return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** As n8n cuts them: the first `}}` ends an expression, whatever it stands in; a backslash before a brace takes its meaning. */
function expressionsIn(raw: string): string[] {
	return [...raw.matchAll(/(?<!\\)\{\{.*?(?<!\\)\}\}/gs)].map(([expression]) => expression);
}

function isNothing(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}
