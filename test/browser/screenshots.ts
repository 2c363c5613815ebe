// npm run screenshots [-- --every-form FOLDER | --canvas WORD]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endGroups } from '../../scripts/childGroup.ts';
import { startEditor } from '../../scripts/editor/editor.ts';
import type { Editor } from '../../scripts/editor/editor.ts';
import { EditorRest } from '../../scripts/editor/rest.ts';
import type { Owner, SavedCredential } from '../../scripts/editor/restTypes.ts';
import { ROOT, sweepWorkFolders } from '../../scripts/folders.ts';
import { INTERRUPTED_STATUS, onInterruption } from '../../scripts/interruption.ts';
import { prepareEditor } from '../prepareEditor.ts';
import { canvasImages, takeCanvasImage } from './canvasImages.ts';
import { openChromium } from './chromium.ts';
import { DOCUMENTED_FORMS, everyForm, takeFormImages } from './formImages.ts';
import type { FormImage } from './formImages.ts';
import { Person } from './person.ts';

const OWNER: Owner = { email: 'owner@example.test', password: 'Only-For-Images-1' };
const ADDRESS = 'studio.rossi@pec.example.it';
const IMAGES = join(ROOT, 'docs', 'images');

async function takeForms(
	person: Person,
	of: { readonly rest: EditorRest; readonly credential: SavedCredential; readonly folder: string },
	forms: readonly FormImage[],
): Promise<void> {
	mkdirSync(of.folder, { recursive: true });
	await takeFormImages(person, of, forms, (path) => console.log(path));
}

/** As a person finds it who adds his first node. */
async function takeCredential(person: Person, path: string): Promise<void> {
	await person.page.setViewportSize({ width: 1400, height: 1400 });
	await person.openNewWorkflow();
	await person.addNode('PEC Send', 'Send a message');
	const form = await person.newCredential();
	await form.fill('email', ADDRESS);
	await form.root.screenshot({ path, animations: 'disabled' });
	console.log(path);
}

interface Chosen {
	/** Where every form is to be shown, and nothing else taken. */
	readonly 'every-form'?: string;
	/** In the path of the examples whose canvases alone are taken. */
	readonly canvas?: string;
}

async function takeAll(editor: Editor, chosen: Chosen): Promise<void> {
	const everyFormFolder = chosen['every-form'];
	const rest = new EditorRest(editor.url);
	await rest.setUpOwner(OWNER);
	const credential = await rest.createCredential({
		name: `PEC ${ADDRESS}`,
		type: 'pecApi',
		data: { provider: 'aruba', email: ADDRESS, password: 'not-used' },
	});
	const browser = await openChromium();
	try {
		const person = await Person.signIn(browser, editor.url, OWNER);
		if (everyFormFolder !== undefined) {
			const forms = everyForm(await rest.nodeTypes());
			await takeForms(person, { rest, credential, folder: everyFormFolder }, forms);
			return;
		}
		const { canvas } = chosen;
		if (canvas === undefined) {
			await takeForms(person, { rest, credential, folder: IMAGES }, DOCUMENTED_FORMS);
			await takeCredential(person, join(IMAGES, 'credential.png'));
		}
		for (const image of canvasImages().filter(({ image }) => image.includes(canvas ?? ''))) {
			await takeCanvasImage(person, rest, image);
			console.log(image.image);
		}
	} finally {
		await browser.close();
	}
}

onInterruption(() => {
	endGroups();
	process.exit(INTERRUPTED_STATUS);
});
sweepWorkFolders();
const { values } = parseArgs({
	options: { 'every-form': { type: 'string' }, canvas: { type: 'string' } },
});
const editor = await startEditor(await prepareEditor());
try {
	await takeAll(editor, values);
} finally {
	await editor.stop();
}
