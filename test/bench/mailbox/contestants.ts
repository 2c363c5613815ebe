import { exporting, listing, planning, reporting, scanning } from './ours.ts';
import { mbsync, offlineimap, rawHeaders, rawMessages, rawStored } from './others.ts';

export const contestants = {
	...{ exporting, listing, planning, reporting, scanning },
	...{ mbsync, offlineimap, rawHeaders, rawMessages, rawStored },
};
