import type { EditorRest } from '../../scripts/editor/rest.ts';

interface DataTable {
	readonly name: string;
	/** Below `/rest`. */
	readonly path: string;
}

/** The Data Tables of n8n's owner, by the interface that the editor uses. */
export async function dataTables(rest: EditorRest): Promise<readonly DataTable[]> {
	const projects = await rest.request<Array<{ id: string; type: string }>>(
		'GET',
		'/projects/my-projects',
	);
	const project = projects.find(({ type }) => type === 'personal')?.id ?? '';
	const { data } = await rest.request<{ data: Array<{ id: string; name: string }> }>(
		'GET',
		`/projects/${project}/data-tables?take=100`,
	);
	return data.map(({ id, name }) => ({ name, path: `/projects/${project}/data-tables/${id}` }));
}

/** Rows in the order in which they were made; none where there is no such table. */
export async function rowsOfTable<Row>(rest: EditorRest, table: string): Promise<readonly Row[]> {
	const found = (await dataTables(rest)).find(({ name }) => name === table);
	if (!found) return [];
	const path = `${found.path}/rows?take=100&sortBy=id:asc`;
	return (await rest.request<{ data: Row[] }>('GET', path)).data;
}

/** @param names all when they are left out: numbers begin anew */
export async function removeTables(rest: EditorRest, names?: readonly string[]): Promise<void> {
	for (const { name, path } of await dataTables(rest)) {
		if (names?.includes(name) !== false) await rest.request('DELETE', path);
	}
}
