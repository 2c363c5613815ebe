import type { OperationTools } from '../../n8n/operations';
import type { WithheldMessage } from '../../mail/notGiven';
import type { PackagePlan, PlannedFile } from '../../pec/packagePlan';
import { threadFacts } from '../../pec/thread';
import type { Thread } from '../../pec/threadTypes';

/**
 * A message of an item that belongs to no thread. gone: it is neither in the mailbox nor copied. notPec: ordinary mail of
 * somebody else's. notGiven: it may be one of those that the server withholds.
 */
interface WithoutThread {
	readonly pecKey: string;
	readonly because: 'gone' | 'notPec' | 'notGiven';
}

/** What was found for a package. */
export interface FoundForPackage {
	readonly threads: readonly Thread[];
	readonly without: readonly WithoutThread[];
	/** Nobody knows whose they are. */
	readonly withheld: readonly WithheldMessage[];
}

/** What does not go into it, beside what the plan leaves out. */
export interface NotPacked extends Omit<FoundForPackage, 'threads'> {
	readonly refused: readonly Refused[];
}

/** A thread of which the server does not give a message. */
export interface Refused {
	readonly thread: Thread;
	readonly file: PlannedFile;
}

/** As `package.leftOut` names them. */
export function leftOutFacts(
	{ leftOut }: PackagePlan,
	{ without, withheld, refused }: NotPacked,
): object[] {
	return [
		...leftOut.map(({ thread, because, locations }) => ({
			...threadFacts(thread),
			because,
			...(locations.length > 0 ? { locations } : {}),
		})),
		...refused.map(({ thread, file }) => {
			const { folder, uid } = file.part.place;
			return { ...threadFacts(thread), because: 'notGiven', folder, uid };
		}),
		...without,
		...withheld.map((message) => ({ ...message, because: 'notGiven' })),
	];
}

export function tellLeftOut(
	{ leftOut }: PackagePlan,
	{ without, withheld, refused }: NotPacked,
	tools: OperationTools,
): void {
	const lacking = leftOut.filter(({ because }) => because !== 'handedOver').length;
	const handedOver = leftOut.length - lacking;
	const unclear = without.filter(({ because }) => because === 'notGiven').length;
	const told = [
		[lacking, 'sendings or messages were left out, because something of them is missing'],
		[handedOver, 'were left out, because they have been handed over'],
		[
			without.length - unclear,
			'messages of the items are in no sending or received PEC, or are gone',
		],
		[unclear, 'messages of the items may be among those that the server does not give'],
		[
			refused.length,
			'sendings or messages were left out, because the server does not give a message of them: ask the provider',
		],
		[
			withheld.length,
			'messages are listed by the server, which does not give them: ask the provider',
		],
	] as const;
	const words = told.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
	if (words.length === 0) return;
	tools.hint(`${words.join('; ')}: <code>package.leftOut</code> of the first item names them.`);
}
