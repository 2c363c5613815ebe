import { existsSync } from 'node:fs';
import { chromium, selectors } from 'playwright-core';
import type { Browser } from 'playwright-core';

/** Where Debian, other Linuxes, macOS and Windows have it. */
const PLACES = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

export const CHROMIUM_MISSING = 'Chromium is not installed: apt-get install chromium';

/** The machine's own Chromium, or the one that `CHROMIUM` names. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
	return env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
}

/** A browser without a window, which reaches this machine alone. It ends with this process. */
export async function openChromium(): Promise<Browser> {
	const executablePath = findChromium();
	if (executablePath === undefined) throw new Error(CHROMIUM_MISSING);
	// n8n's own name for it.
	selectors.setTestIdAttribute('data-test-id');
	return await chromium.launch({
		executablePath,
		// Whatever n8n's editor would fetch from elsewhere fails at once instead of after a time.
		args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
		handleSIGINT: false,
		handleSIGTERM: false,
		handleSIGHUP: false,
	});
}
