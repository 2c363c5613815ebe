import {
	Workflow,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeTypes,
} from 'n8n-workflow';

const NODE = {
	id: 'node-1',
	name: 'Node',
	type: 'n8n-nodes-pec.pecSend',
	typeVersion: 1,
	position: [0, 0] as [number, number],
	parameters: {},
};

/** An execution whose parameters n8n's own evaluator of expressions fills, item by item. */
export function withExpressions(
	functions: IExecuteFunctions,
	parameters: Readonly<Record<string, unknown>>,
	items: readonly INodeExecutionData[],
): IExecuteFunctions {
	const nodeTypes = { getByNameAndVersion: () => undefined } as unknown as INodeTypes;
	const workflow = new Workflow({ nodes: [NODE], connections: {}, active: false, nodeTypes });
	const evaluate = (expression: string, index: number): unknown =>
		workflow.expression.resolveSimpleParameterValue(
			expression,
			{},
			null,
			0,
			index,
			NODE.name,
			[...items],
			'manual',
			{},
		);
	const valueAt = (name: string): unknown =>
		name
			.split('.')
			.reduce<unknown>(
				(value, key) => (value as Record<string, unknown> | undefined)?.[key],
				parameters,
			);
	const resolved = (value: unknown, index: number): unknown => {
		if (typeof value === 'string') return value.startsWith('=') ? evaluate(value, index) : value;
		if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
		return Object.fromEntries(
			Object.entries(value).map(([key, each]) => [key, resolved(each, index)]),
		);
	};
	return {
		...functions,
		getNodeParameter: ((name: string, index: number, fallback?: unknown, options?: object) => {
			const value = valueAt(name);
			if (value === undefined) return fallback;
			return options && 'rawExpressions' in options ? value : resolved(value, index);
		}) as IExecuteFunctions['getNodeParameter'],
		evaluateExpression: ((expression: string, index: number) =>
			expression === '{{ $runIndex }}'
				? 0
				: evaluate(`=${expression}`, index)) as IExecuteFunctions['evaluateExpression'],
	};
}
