import { describe, expect, it } from 'vitest';
import { cut, openTriggerDesk, type TriggerDesk } from './triggerDesk.ts';

async function status({ rest, id }: TriggerDesk): Promise<string> {
	return (await rest.publication(id)).status;
}

describe('PEC Trigger, while it watches', () => {
	it('waits until the name of the server is known again', async () => {
		const desk = await openTriggerDesk();
		await desk.activateAndIdle();
		const name = `nowhere-${desk.sandbox.imap.port}.invalid`;
		await desk.changeCredential({ imapHost: name });
		await cut(desk.sandbox);
		await desk.logged(new RegExp(`${name}.*trying again`));
		await desk.arrive('meanwhile');
		expect(await status(desk)).toBe('published');
		await desk.changeCredential({});
		expect(await desk.effects()).toEqual(['meanwhile']);
		expect(await status(desk)).toBe('published');
	});

	it('waits until the certificate of the server is trusted again', async () => {
		const desk = await openTriggerDesk();
		await desk.activateAndIdle();
		await desk.changeCredential({ tlsCa: '' });
		await cut(desk.sandbox);
		await desk.logged(new RegExp(`:${desk.sandbox.imap.port} shows a certificate.*trying again`));
		await desk.arrive('meanwhile');
		expect(await status(desk)).toBe('published');
		await desk.changeCredential({});
		expect(await desk.effects()).toEqual(['meanwhile']);
		expect(await status(desk)).toBe('published');
	});

	it('connects again when the server says goodbye to an idling client', async () => {
		const desk = await openTriggerDesk();
		const bye = desk.sandbox.faults.add({
			at: 'imap.command',
			command: 'IDLE',
			times: 3,
			action: { do: 'answer', status: 'BYE', text: 'maintenance' },
		});
		await desk.activate();
		await bye.happened();
		await desk.arrive('after the first');
		await bye.happened(3);
		await desk.arrive('after the last');
		expect(await desk.effects()).toEqual(['after the first', 'after the last']);
		expect(await status(desk)).toBe('published');
	});

	it('connects again when the server refuses to open any folder', async () => {
		const desk = await openTriggerDesk();
		await desk.activateAndIdle();
		const no = desk.sandbox.faults.add({
			at: 'imap.command',
			command: 'EXAMINE',
			times: 2,
			action: { do: 'answer', status: 'NO', text: 'try later' },
		});
		await cut(desk.sandbox);
		await no.happened();
		await desk.arrive('meanwhile');
		await no.happened(2);
		expect(await desk.effects()).toEqual(['meanwhile']);
		expect(await status(desk)).toBe('published');
	});

	it('goes on where it was when its records cannot be opened as it begins', async () => {
		const desk = await openTriggerDesk();
		await desk.activateAndIdle();
		await desk.arrive('before');
		await desk.register.until(1);
		await desk.rest.deactivate(desk.id);
		await desk.arrive('while it was off');
		const no = desk.sandbox.faults.add({
			at: 'imap.command',
			command: 'EXAMINE',
			times: 2,
			action: { do: 'answer', status: 'NO', text: 'try later' },
		});
		await desk.activate();
		await no.happened(2);
		expect(await desk.effects()).toEqual(['before', 'while it was off']);
	});
});
