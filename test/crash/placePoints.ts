import type { FaultAction, FaultRule } from '../../sandbox/index.ts';
import { anyRow, armRules, USUAL, type CrashPoint, type CrashScene } from './point.ts';

/** Of a message that is broken off: within its header or text. */
const WITHIN_BYTES = 300;

export type Place = Pick<FaultRule, 'at' | 'command' | 'skip'>;

/** Where in the conversation; by chance which message, and which of two places that nobody can tell apart from outside. */
const PLACES = {
	beforeData: (scene) => ({ at: 'smtp.command', command: 'DATA', skip: anyRow(scene) }),
	withinData: (scene) => ({ at: 'smtp.body', skip: anyRow(scene) }),
	// taken or not, the client cannot know
	afterDot: (scene) => ({
		at: scene.random.next() < 0.75 ? 'smtp.accepted' : 'smtp.dot',
		skip: anyRow(scene),
	}),
	after250: (scene) => ({ at: 'smtp.replied', skip: anyRow(scene) }),
	atRecord: (scene) => ({
		at: scene.random.next() < 0.5 ? 'imap.command' : 'imap.done',
		command: 'APPEND',
		skip: scene.random.between(0, 2 + Math.floor(scene.rows / 50)),
	}),
} as const satisfies Record<string, (scene: CrashScene) => Place>;

type PlaceName = keyof typeof PLACES;

const BROKEN_OFF: FaultAction = { do: 'drop', afterBytes: WITHIN_BYTES, direction: 'received' };

export function killAt(place: PlaceName, name = `kill.${place}`): CrashPoint {
	return {
		...USUAL,
		name,
		arm: (scene) => {
			const where = PLACES[place](scene);
			const kill: FaultAction = { do: 'call', run: () => scene.hosts[0]?.kill(name) };
			// what n8n had handed to the system before it died must not arrive in full
			const rules = place === 'withinData' ? [BROKEN_OFF, kill] : [kill];
			return armRules(
				scene,
				rules.map((action) => ({ ...where, action })),
			);
		},
	};
}

function cutAt(place: PlaceName): CrashPoint {
	return {
		...USUAL,
		name: `network.cut${place[0]?.toUpperCase()}${place.slice(1)}`,
		arm: (scene) => {
			const action: FaultAction = place === 'withinData' ? BROKEN_OFF : { do: 'drop' };
			return armRules(scene, [{ ...PLACES[place](scene), action }]);
		},
	};
}

const PLACE_NAMES = Object.keys(PLACES) as PlaceName[];

export const KILL_POINTS: readonly CrashPoint[] = PLACE_NAMES.map((place) => killAt(place));

export const CUT_POINTS: readonly CrashPoint[] = PLACE_NAMES.map(cutAt);
