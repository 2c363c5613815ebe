import { SetUpFailure } from '../scripts/setUpFailure.mjs';

/**
 * A whole number given on the command line; `undefined` when it was not.
 * @param help said beside what is wrong
 * @throws SetUpFailure for anything else, or a number beyond the limits
 */
export function numberOption(
	name: string,
	text: string | undefined,
	{ limits: [least, most], help }: { limits: readonly [number, number]; help: string },
): number | undefined {
	if (text === undefined) return undefined;
	const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
	if (value >= least && value <= most) return value;
	throw new SetUpFailure(`--${name} wants a number from ${least} to ${most}.\n\n${help}`);
}
