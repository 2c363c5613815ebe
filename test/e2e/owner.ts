import type { Owner } from '../../scripts/editor/restTypes.ts';

/** The only user of every n8n the tests start. */
export const OWNER: Owner = { email: 'owner@example.test', password: 'Only-For-Tests-1' };
