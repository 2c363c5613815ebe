// node --import ./test/nodeSources.ts test/pec/peakOfReading.ts <message> <CA>
//
// Reads one message in a process of its own and prints, as JSON, what it was and the most memory the process had, in bytes.

import { readFileSync } from 'node:fs';
import { readPecMessage } from '../../nodes/pec/message.ts';

/** Linux counts what a parent had at the time of its fork into getrusage, but not into VmHWM. */
function peak(): number {
	if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
	const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
	return Number(kilobytes) * 1024;
}

const [, , file = '', ca = ''] = process.argv;
const trust = { issuers: [readFileSync(ca, 'utf8')] };
const message = await readPecMessage(readFileSync(file), { trust, now: new Date('2026-03-01') });
const { size, verified, findings, original } = message;
console.log(
	JSON.stringify({
		peak: peak(),
		size,
		verified,
		findings: findings.map(({ code }) => code),
		files: original?.attachments.length,
		text: (original?.text ?? original?.html ?? '').length,
	}),
);
