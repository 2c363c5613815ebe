export interface Owner {
	readonly email: string;
	/** n8n wants 8 to 64 characters, one of them a digit and one a capital letter. */
	readonly password: string;
}

export interface CredentialInput {
	readonly name: string;
	/** e.g. `pecApi`. */
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

export interface SavedCredential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
}

export interface CredentialVerdict {
	readonly status: 'Error' | 'OK';
	readonly message: string;
}

export interface NodeType {
	/** With its package: `n8n-nodes-pec.pecTrigger`. */
	readonly name: string;
	readonly displayName: string;
	readonly version: number | readonly number[];
	readonly properties: readonly Record<string, unknown>[];
}

/** Whether the triggers of a workflow run (n8n's workflow-publication-status.service). */
export interface Publication {
	/** `failed`: no trigger runs. `partial`: some do. */
	readonly status: 'failed' | 'in_progress' | 'not_published' | 'partial' | 'published';
	readonly triggers: readonly {
		readonly nodeId: string;
		readonly status: string;
		readonly errorMessage: string | null;
	}[];
}
