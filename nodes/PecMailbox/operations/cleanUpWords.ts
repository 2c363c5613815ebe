import type { CleanUpStop } from '../../account/cleanUp';

/** Why a run ended before its work did, as its summary tells it. */
export function whyStopped(stop: CleanUpStop): {
	readonly because: CleanUpStop['because'];
	readonly message: string;
	readonly whatToDo: string;
	readonly folder?: string;
	readonly uids?: readonly number[];
} {
	const { because } = stop;
	switch (because) {
		case 'budget':
			return {
				because,
				message: 'The run has a limit, and it is reached',
				whatToDo: 'The next run goes on with what is left',
			};
		case 'time':
			return {
				because,
				message: 'The time of this run is over',
				whatToDo: 'The next run goes on with what is left',
			};
		case 'copiesFail':
			return {
				because,
				message: 'The storage gave back something else than was put there, again and again',
				whatToDo: 'Look into the storage. Nothing was deleted for these copies',
			};
		case 'notRemoved':
			return {
				...stop,
				message: `The mail server said that it deleted messages of "${stop.folder}", and they are still there`,
				whatToDo: 'Ask the provider, or delete them by hand; their copies are recorded',
			};
		case 'othersGone':
			return {
				...stop,
				message: `While messages were deleted from "${stop.folder}", ${stop.uids.length} others left that folder`,
				whatToDo:
					'Somebody may have moved or deleted them at that moment: then just run it again. If nobody did, the server deletes more than it is asked to: do not use Clean Up with it',
			};
		case 'interrupted':
			return {
				because,
				message: `Interrupted: ${stop.error.message}`,
				whatToDo: stop.error.whatToDo,
			};
	}
}
