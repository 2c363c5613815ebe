import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { NodeType, SavedCredential } from '../../scripts/editor/restTypes.ts';
import type { Person } from './person.ts';

export interface FormImage {
	readonly type: 'pecMailbox' | 'pecSend' | 'pecTrigger';
	readonly parameters: Readonly<Record<string, string>>;
	/** Of the file, without its end. */
	readonly name: string;
}

/** What docs/ shows. */
export const DOCUMENTED_FORMS: readonly FormImage[] = [
	{ type: 'pecTrigger', parameters: {}, name: 'trigger' },
	{ type: 'pecSend', parameters: { resource: 'mailing', operation: 'send' }, name: 'send-mailing' },
	{
		type: 'pecMailbox',
		parameters: { resource: 'cleanUp', operation: 'copyAndDelete' },
		name: 'mailbox-clean-up',
	},
];

interface Choice {
	readonly name: string;
	readonly options?: readonly { readonly value: string }[];
	readonly displayOptions?: { readonly show?: { readonly resource?: readonly string[] } };
}

/** Every resource with each of its operations, as n8n knows the nodes. */
export function everyForm(types: readonly NodeType[]): FormImage[] {
	return types.flatMap(({ name, properties }): FormImage[] => {
		const [, type] = /^n8n-nodes-pec\.(pecMailbox|pecSend|pecTrigger)$/.exec(name) ?? [];
		if (type === undefined) return [];
		const ofType = type as FormImage['type'];
		const fields = properties as unknown as readonly Choice[];
		if (ofType === 'pecTrigger') {
			return valuesOf(fields.filter((field) => field.name === 'watchFor')).map((watchFor) => ({
				type: ofType,
				parameters: { watchFor },
				name: `${type}-${watchFor}`,
			}));
		}
		return fields
			.filter((field) => field.name === 'operation')
			.flatMap((field) =>
				(field.displayOptions?.show?.resource ?? []).flatMap((resource) =>
					valuesOf([field]).map((operation) => ({
						type: ofType,
						parameters: { resource, operation },
						name: `${type}-${resource}-${operation}`,
					})),
				),
			);
	});
}

function valuesOf(fields: readonly Choice[]): string[] {
	return fields.flatMap(({ options = [] }) => options.map(({ value }) => value));
}

const GRID_COLUMNS = 6;
const GRID_PX = 240;

/**
 * The fields of nodes as a person finds them when he adds them, in a window that has room for all. All stand in one
 * workflow: what takes time is n8n's page, not a form in it.
 * @param taken is told of each
 */
export async function takeFormImages(
	person: Person,
	of: {
		readonly rest: EditorRest;
		readonly credential: SavedCredential;
		readonly folder: string;
	},
	forms: readonly FormImage[],
	taken: (path: string) => void,
): Promise<void> {
	const { id: credentialId, name: credentialName } = of.credential;
	const nodes = forms.map(({ type, parameters, name }, index) => ({
		id: randomUUID(),
		name,
		type: `n8n-nodes-pec.${type}`,
		typeVersion: 1,
		position: [
			(index % GRID_COLUMNS) * GRID_PX,
			Math.floor(index / GRID_COLUMNS) * GRID_PX,
		] as const,
		parameters,
		credentials: { pecApi: { id: credentialId, name: credentialName } },
	}));
	const { id } = await of.rest.createWorkflow({ name: 'Forms', nodes, connections: {} });
	try {
		await person.page.setViewportSize({ width: 1400, height: 1700 });
		await person.openWorkflow(id);
		await person.page.getByTestId('zoom-to-fit').click();
		for (const { name } of forms) {
			const path = join(of.folder, `${name}.png`);
			await person.openNode(name);
			await imageOfForm(person, path);
			await person.closeNode();
			taken(path);
		}
	} finally {
		await of.rest.deleteWorkflow(id);
	}
}

async function imageOfForm({ page, form, credentials }: Person, path: string): Promise<void> {
	await credentials.or(form.root.getByTestId('parameter-item')).first().waitFor();
	// Of what it shows beside, the resources and folders come from n8n and the mailbox: the form is done when that is there.
	await page.waitForLoadState('networkidle');
	const box = await form.root.boundingBox();
	const last = await form.root
		.getByTestId('parameter-item')
		.filter({ visible: true })
		.last()
		.boundingBox();
	if (box === null || last === null) throw new Error('The form is not to be seen.');
	await page.screenshot({
		path,
		animations: 'disabled',
		clip: { x: box.x, y: box.y + 4, width: box.width, height: last.y + last.height + 12 - box.y },
	});
}
