import { describe, it } from 'vitest';
import { useEditor } from './harness.ts';
import { registerOnce } from './inboundRegistry.ts';
import { LONGEST_MS, STORAGE_MISSING } from './registryDesk.ts';

describe(`The flow inbound-registry${STORAGE_MISSING && ` (${STORAGE_MISSING})`}`, () => {
	it.skipIf(STORAGE_MISSING !== '')(
		'gives each message one number, stores it twice, tells one reader, and repeats nothing',
		async () => {
			await registerOnce(await useEditor());
		},
		2 * LONGEST_MS,
	);
});
