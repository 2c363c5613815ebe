import type { INodeProperties, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { fieldsWithin } from './forms.ts';
import { freeze, refreeze } from './freezing.ts';
import { losses } from './judge.ts';
import { descriptions, savedTypes } from './types.ts';

const today = new Map(descriptions().map((description) => [description.name, description]));
const saved = savedTypes();

function descriptionOf(type: string): INodeTypeDescription {
	const description = today.get(type);
	if (!description) throw new Error(`There is no ${type} any more`);
	return structuredClone(description);
}

function propertyOf(
	description: INodeTypeDescription,
	path: string,
	is: (property: INodeProperties) => boolean = () => true,
): INodeProperties {
	const found = [...fieldsWithin(description.properties)].find(
		([here, property]) => here === path && is(property),
	)?.[1];
	if (!found) throw new Error(`There is no ${path}`);
	return found;
}

describe('what was saved before', () => {
	it.each(saved)('%s means today what it meant', (_, before) => {
		expect(losses(before, descriptionOf(before.type))).toEqual([]);
	});

	it('is frozen for every version of every node and credential', () => {
		const wanted = [...today.values()].flatMap(({ name, version }) =>
			[version].flat().map((one) => `${name}-${one}.json`),
		);
		expect(saved.map(([file]) => file).sort()).toEqual(wanted.sort());
	});

	it.each(saved)('%s has everything that can be saved today', (_, before) => {
		const now = freeze(descriptionOf(before.type), before.version);
		expect(refreeze(before, now), 'run `npm run freeze`').toEqual(before);
	});
});

/** [what somebody might do, what it would do to saved workflows] */
const MISTAKES: ReadonlyArray<
	[what: string, change: (mailbox: INodeTypeDescription) => void, loss: RegExp]
> = [
	[
		'a field is removed',
		({ properties }) => {
			properties.splice(
				properties.findIndex(({ name }) => name === 'keepUnread'),
				1,
			);
		},
		/^cleanUp\/plan, .*: keepUnread is saved as nothing, was false$/,
	],
	[
		'a field is renamed',
		(mailbox) => {
			propertyOf(mailbox, 'olderThanDays', ({ type }) => type === 'number').name = 'minAgeDays';
		},
		/: olderThanDays is saved as nothing, was 31$/,
	],
	[
		'an option is removed from a collection',
		(mailbox) => {
			const options = propertyOf(mailbox, 'options', ({ options: list = [] }) =>
				list.some(({ name }) => name === 'compareBytes'),
			);
			options.options = options.options?.filter(({ name }) => name !== 'compareBytes');
		},
		/: options\.compareBytes is saved as nothing, was true$/,
	],
	[
		'a default is changed',
		(mailbox) => {
			propertyOf(mailbox, 'copyRequired').default = 'handedOver';
		},
		/^cleanUp\/plan, .*: copyRequired without a value is "handedOver", was "checked"$/,
	],
	[
		'the default operation is changed',
		(mailbox) => {
			propertyOf(mailbox, 'operation', ({ default: usual }) => usual === 'plan').default = 'delete';
		},
		/^cleanUp\/plan, .*: operation without a value is "delete", was "plan"$/,
	],
	[
		'a value is renamed',
		(mailbox) => {
			const { options } = propertyOf(mailbox, 'copyRequired');
			(options?.[1] as INodePropertyOptions).value = 'versato';
		},
		/^cleanUp\/plan: copyRequired cannot be "handedOver" any more$/,
	],
	[
		'a value within a collection is removed',
		(mailbox) => {
			const sdi = propertyOf(mailbox, 'options.sdi');
			sdi.options = (sdi.options as INodePropertyOptions[]).filter(({ value }) => value !== 'only');
		},
		/^cleanUp\/plan: options\.sdi cannot be "only" any more$/,
	],
	[
		'a field must be filled in that need not be',
		(mailbox) => {
			propertyOf(mailbox, 'folders', ({ type }) => type === 'string').required = true;
		},
		/^cleanUp\/plan, .*: also wants folders$/,
	],
	[
		'a field does not show any more where it did',
		(mailbox) => {
			propertyOf(mailbox, 'keepUnread').displayOptions = {
				show: { resource: ['cleanUp'], operation: ['delete'] },
			};
		},
		/^cleanUp\/plan, .*: keepUnread is saved as nothing, was false$/,
	],
	[
		'a credential is renamed',
		({ credentials }) => {
			if (credentials?.[0]) credentials[0].name = 'pecMailboxApi';
		},
		/^has no credential pecApi$/,
	],
	[
		'an output is added',
		(mailbox) => {
			mailbox.outputs = ['main', 'main'];
		},
		/^other outputs$/,
	],
	[
		'the version is replaced',
		(mailbox) => {
			mailbox.version = 2;
		},
		/^pecMailbox has no version 1$/,
	],
	[
		'the node is renamed',
		(mailbox) => {
			mailbox.name = 'pecBox';
		},
		/^pecMailbox is called pecBox$/,
	],
];

/** [what somebody may do] */
const ADDITIONS: ReadonlyArray<[what: string, change: (mailbox: INodeTypeDescription) => void]> = [
	[
		'a field',
		({ properties }) =>
			properties.push({ displayName: 'New', name: 'new', type: 'string', default: '' }),
	],
	[
		'a value',
		(mailbox) =>
			(propertyOf(mailbox, 'copyRequired').options as INodePropertyOptions[]).push({
				name: 'Twice',
				value: 'twice',
			}),
	],
	[
		'a version',
		(mailbox) => {
			mailbox.version = [1, 2];
		},
	],
	[
		'words on the screen',
		(mailbox) => {
			propertyOf(mailbox, 'keepUnread').displayName = 'Keep What Nobody Read';
		},
	],
];

describe('the judge of upgrades', () => {
	const mailbox = saved.find(([, { type }]) => type === 'pecMailbox')?.[1];
	if (!mailbox) throw new Error('pecMailbox is not frozen');

	it.each(MISTAKES)('sees that %s', (_, change, loss) => {
		const description = descriptionOf('pecMailbox');
		change(description);
		expect(losses(mailbox, description)).toContainEqual(expect.stringMatching(loss));
	});

	it.each(ADDITIONS)('bears %s more', (_, change) => {
		const description = descriptionOf('pecMailbox');
		change(description);
		expect(losses(mailbox, description)).toEqual([]);
	});

	it('changes nothing that was frozen when it is frozen again', () => {
		const description = descriptionOf('pecMailbox');
		propertyOf(description, 'copyRequired').default = 'none';
		description.properties.push({ displayName: 'New', name: 'new', type: 'string', default: '' });
		const again = refreeze(mailbox, freeze(description, 1));
		expect(losses(again, description)).not.toEqual([]);
		expect(again.forms[0]?.meant).toHaveProperty('new');
	});
});
