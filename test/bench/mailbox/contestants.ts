import { exporting, listing, reporting, scanning } from './ours.ts';
import { mbsync, offlineimap, rawHeaders, rawMessages } from './others.ts';

export const contestants = {
	...{ exporting, listing, reporting, scanning },
	...{ mbsync, offlineimap, rawHeaders, rawMessages },
};
