import { describe, expect, it } from 'vitest';
import { SharedAttachments } from '../../nodes/PecSend/operations/sharedAttachments.ts';
import type { FileHandle } from '../../nodes/n8n/parameters.ts';

/** A file that counts how often it is read. */
function fileOf(
	source: string,
	size = 57,
	fileName = `${source}.pdf`,
): FileHandle & { reads: number } {
	const file = {
		fileName,
		mimeType: 'application/pdf',
		source,
		reads: 0,
		load: async () => {
			file.reads += 1;
			return Buffer.alloc(size, source);
		},
	};
	return file;
}

describe('attachments that letters share', () => {
	it('are read and encoded once, also for letters made at the same time', async () => {
		const shared = new SharedAttachments();
		const file = fileOf('a');
		const [first, second] = await Promise.all([shared.encoded(file), shared.encoded(file)]);
		expect(await shared.encoded(file)).toBe(first);
		expect(second).toBe(first);
		expect(file.reads).toBe(1);
		expect(first?.part.toString()).toContain('filename=a.pdf');
	});

	it('keep their own names, where the same file has two', async () => {
		const shared = new SharedAttachments();
		const one = await shared.encoded(fileOf('a', 57, 'uno.pdf'));
		const two = await shared.encoded(fileOf('a', 57, 'due.pdf'));
		expect([one.fileName, two.fileName]).toEqual(['uno.pdf', 'due.pdf']);
	});

	it('stay when those of one letter alone come and go, within the limit', async () => {
		const common = fileOf('comune');
		const { part } = await new SharedAttachments().encoded(common);
		const shared = new SharedAttachments(part.length * 2);
		common.reads = 0;
		const personal = Array.from({ length: 10 }, (_, at) => fileOf(`${at}`));
		for (const file of personal) {
			await shared.encoded(common);
			await shared.encoded(file);
		}
		expect(common.reads).toBe(1);
		await shared.encoded(personal[0]!);
		expect(personal[0]?.reads).toBe(2);
	});

	it('are not kept when they are larger than all of the room', async () => {
		const shared = new SharedAttachments(100);
		const file = fileOf('a', 1_000);
		await shared.encoded(file);
		await shared.encoded(file);
		expect(file.reads).toBe(2);
	});

	it('are tried again after a failure', async () => {
		const shared = new SharedAttachments();
		const file = fileOf('a');
		const { load } = file;
		file.load = async () => await Promise.reject(new Error('gone'));
		await expect(shared.encoded(file)).rejects.toThrow('gone');
		file.load = load;
		await expect(shared.encoded(file)).resolves.toMatchObject({ size: 57 });
	});
});
