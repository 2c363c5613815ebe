import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UnwrappedP7m } from '../../nodes/pec/p7m.ts';
import type { PecMessage } from '../../nodes/pec/types.ts';

/** How many messages reached what. */
export type Coverage = Record<string, Record<string, number>>;

/** Every code that docs/READING.md names but the one that is a fault. */
function documentedFindings(): string[] {
	const page = readFileSync(join(import.meta.dirname, '../../docs/READING.md'), 'utf8');
	const [, section = ''] = /\n## Findings\n([\s\S]*?)(?:\n## |$)/.exec(page) ?? [];
	const firstCells = section.split('\n').map((line) => /^\|([^|]*)/.exec(line)?.[1] ?? '');
	const codes = firstCells.flatMap((cell) => cell.match(/(?<=`)\w+(?=`)/g) ?? []);
	return codes.filter((code) => code !== 'readerFailed');
}

/** What there is to reach, by group. */
export const REACHABLE: Readonly<Record<string, readonly string[]>> = {
	kind: [
		...['transportEnvelope', 'anomalyEnvelope', 'receipt', 'rem', 'deliveryStatus', 'ordinary'],
		'unreadable',
	],
	receipt: [
		...['acceptance', 'nonAcceptance', 'takenInCharge', 'delivery', 'nonDelivery', 'deliveryDelay'],
		...['virusDetected', 'unknown'],
	],
	integrity: ['intact', 'altered', 'absent', 'unreadable'],
	signer: ['trusted', 'untrusted', 'unknown'],
	reason: [
		...['notSigned', 'structureUnreadable', 'signatureOpaque', 'signatureUnreadable', 'noSigner'],
		...['signerCertificateMissing', 'algorithmUnsupported', 'contentAltered', 'signatureMismatch'],
		...['issuerNotPec', 'notYetValid', 'expired', 'wrongUse', 'nameNotPermitted'],
	],
	finding: documentedFindings(),
	'signed file': ['opened', 'notSignedData', 'detached', 'damaged', 'tooDeep'],
	verified: ['true', 'false'],
};

export function emptyCoverage(): Coverage {
	return Object.fromEntries(Object.keys(REACHABLE).map((group) => [group, {}]));
}

function count(coverage: Coverage, group: string, name: string | undefined): void {
	const counts = coverage[group];
	if (counts && name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
}

export function addMessage(coverage: Coverage, message: PecMessage, file: UnwrappedP7m): void {
	count(coverage, 'kind', message.kind);
	count(coverage, 'receipt', message.receipt?.type);
	count(coverage, 'integrity', message.signature?.integrity);
	count(coverage, 'signer', message.signature?.signer);
	count(coverage, 'reason', message.signature?.reason);
	for (const { code } of message.findings) count(coverage, 'finding', code);
	count(coverage, 'verified', String(message.verified));
	count(coverage, 'signed file', file.content ? 'opened' : file.reason);
}

export function addCoverage(sum: Coverage, more: Coverage): void {
	for (const [group, counts] of Object.entries(more)) {
		const into = (sum[group] ??= {});
		for (const [name, times] of Object.entries(counts)) into[name] = (into[name] ?? 0) + times;
	}
}

/** `group: name` of everything that no message reached. */
export function unreached(coverage: Coverage): string[] {
	return Object.entries(REACHABLE).flatMap(([group, names]) =>
		names.filter((name) => !coverage[group]?.[name]).map((name) => `${group}: ${name}`),
	);
}

export function formatCoverage(coverage: Coverage): string {
	return Object.entries(coverage)
		.map(([group, counts]) => {
			const most = Object.entries(counts).sort(([, one], [, other]) => other - one);
			return `  ${group.padEnd(12)} ${most.map(([name, times]) => `${name} ${times}`).join(', ')}`;
		})
		.join('\n');
}
