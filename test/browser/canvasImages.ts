import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EditorRest } from '../../scripts/editor/rest.ts';
import type { WorkflowDefinition, WorkflowNode } from '../../scripts/editor/workflow.ts';
import { ROOT } from '../../scripts/folders.ts';
import type { Person } from './person.ts';

const EXAMPLES = join(ROOT, 'examples');
const EDGE_PX = 24;
/** A node's name stands under it, and is often wider. */
const NAME_PX = 64;

/** The flow alone: visibility is inherited, so what stands over the canvas goes without being named. */
const FLOW_ALONE =
	'#app { visibility: hidden } .vue-flow { visibility: visible } .vue-flow__panel { visibility: hidden }';

export interface CanvasImage {
	/** The workflow's file, and beside it the image. */
	readonly workflow: string;
	readonly image: string;
}

/** `workflow.json` is shown by `canvas.png`, a further `report.json` beside it by `canvas-report.png`. */
export function canvasImages(): CanvasImage[] {
	return readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
		.filter((path) => path.endsWith('.json'))
		.toSorted()
		.map((path) => {
			const name = path.slice(dirname(path).length + 1, -'.json'.length);
			const image = name === 'workflow' ? 'canvas.png' : `canvas-${name}.png`;
			return {
				workflow: join(EXAMPLES, path),
				image: join(EXAMPLES, dirname(path), image),
			};
		});
}

/** Imports the workflow with credentials as its user chooses them, takes the image, and removes it again. */
export async function takeCanvasImage(
	person: Person,
	rest: EditorRest,
	{ workflow, image }: CanvasImage,
): Promise<void> {
	const definition = JSON.parse(readFileSync(workflow, 'utf8')) as WorkflowDefinition;
	const nodes: WorkflowNode[] = [];
	for (const node of definition.nodes) nodes.push(await completed(rest, node));
	const { id } = await rest.createWorkflow({ ...definition, nodes, settings: {} });
	try {
		await fitWindow(person, nodes);
		await person.openWorkflow(id);
		await person.page.getByTestId('zoom-to-fit').click();
		await imageOfNodes(person, image);
	} finally {
		await rest.deleteWorkflow(id);
	}
}

/** With what the editor would otherwise mark as missing: the image shows the flow as it runs. */
async function completed(rest: EditorRest, node: WorkflowNode): Promise<WorkflowNode> {
	const credentials: Record<string, { id: string; name: string }> = {};
	for (const [type, { name }] of Object.entries(node.credentials ?? {})) {
		credentials[type] = await rest.createCredential({ name, type, data: {} });
	}
	const called = node.parameters.workflowId as Record<string, unknown> | undefined;
	const parameters = called
		? { ...node.parameters, workflowId: { ...called, value: 'chosen' } }
		: node.parameters;
	return { ...node, parameters, ...(node.credentials ? { credentials } : {}) };
}

/** A window in which the editor shows the whole flow, at three quarters of its size where that goes. */
async function fitWindow(person: Person, nodes: readonly WorkflowNode[]): Promise<void> {
	const right = ({ position, parameters }: WorkflowNode) =>
		position[0] + Number(parameters.width ?? 200);
	const bottom = ({ position, parameters }: WorkflowNode) =>
		position[1] + Number(parameters.height ?? 200);
	const width =
		Math.max(...nodes.map(right)) - Math.min(...nodes.map(({ position }) => position[0]));
	const height =
		Math.max(...nodes.map(bottom)) - Math.min(...nodes.map(({ position }) => position[1]));
	await person.page.setViewportSize({
		width: Math.round(Math.min(3000, Math.max(1000, width * 0.75 + 300))),
		height: Math.round(Math.min(1400, Math.max(700, height * 0.75 + 300))),
	});
}

async function imageOfNodes({ page }: Person, path: string): Promise<void> {
	const boxes = await Promise.all(
		(await page.locator('.vue-flow__node').all()).map(async (node) => await node.boundingBox()),
	);
	const seen = boxes.flatMap((box) => (box === null ? [] : [box]));
	const x = Math.max(0, Math.min(...seen.map((box) => box.x)) - EDGE_PX);
	const y = Math.max(0, Math.min(...seen.map((box) => box.y)) - EDGE_PX);
	await page.screenshot({
		path,
		animations: 'disabled',
		style: FLOW_ALONE,
		clip: {
			x,
			y,
			width: Math.max(...seen.map((box) => box.x + box.width)) + NAME_PX - x,
			height: Math.max(...seen.map((box) => box.y + box.height)) + NAME_PX - y,
		},
	});
}
