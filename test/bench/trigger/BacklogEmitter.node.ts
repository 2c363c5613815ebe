import { readFileSync } from 'node:fs';
import type { IDataObject, INodeType, INodeTypeDescription, IRun } from 'n8n-workflow';
import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';

/** As PEC Trigger by default. */
const AT_ONCE = 5;

/** A trigger that does nothing but start runs with items as large as another's: what n8n itself needs for them. */
export class BacklogEmitter implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Backlog Emitter',
		name: 'backlogEmitter',
		group: ['trigger'],
		version: 1,
		description: 'Starts runs',
		defaults: { name: 'Backlog Emitter' },
		inputs: [],
		outputs: ['main'],
		properties: [
			{ displayName: 'Item File', name: 'itemFile', type: 'string', default: '' },
			{ displayName: 'IDs File', name: 'idsFile', type: 'string', default: '' },
		],
	};

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		const read = (name: string): unknown =>
			JSON.parse(readFileSync(String(this.getNodeParameter(name)), 'utf8'));
		const item = read('itemFile') as IDataObject;
		const ids = read('idsFile') as string[];
		const { id } = this.getWorkflow();
		let next = 0;
		const emitInTurn = async (): Promise<void> => {
			for (let messageId = ids[next]; messageId !== undefined; messageId = ids[next]) {
				next += 1;
				const json = structuredClone(item);
				Object.assign(json.envelope as IDataObject, { messageId });
				await new Promise<IRun | undefined>((resolve, reject) => {
					const done = { promise: new Promise<never>(() => undefined), resolve, reject };
					this.emit([[{ json }]], undefined, done, `${id}:${messageId}`);
				});
			}
		};
		const lanes = Array.from({ length: AT_ONCE }, emitInTurn);
		void Promise.all(lanes).catch((error: Error) => this.logger.error(error.message));
		return await Promise.resolve({
			closeFunction: async () => {
				next = ids.length;
				await Promise.resolve();
			},
		});
	}
}
