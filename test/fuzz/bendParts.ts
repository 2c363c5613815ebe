import type { Bend } from './bendHeader.ts';
import { allOf, base64Lines, leaf, multipart, readEntity, writeEntity } from './entity.ts';
import type { Entity } from './entity.ts';
import type { Random } from './random.ts';

function parents(root: Entity): Entity[] {
	return allOf(root).filter(({ parts }) => parts.length > 0);
}

function inParent(change: (parts: Entity[], random: Random, parent: Entity) => void): Bend {
	return (root, random) => {
		const all = parents(root);
		if (all.length === 0) return;
		const parent = random.pick(all);
		change(parent.parts, random, parent);
	};
}

function onPart(change: (part: Entity, random: Random) => Entity): Bend {
	return inParent((parts, random) => {
		const at = random.below(parts.length);
		const part = parts[at];
		if (part) parts[at] = change(part, random);
	});
}

function enclosed(part: Entity, levels: number, random: Random): Entity {
	let inner = part;
	for (let level = 0; level < levels; level += 1) {
		inner = random.chance(0.5)
			? multipart('multipart/mixed', `n${level}`, [inner])
			: { ...leaf(['Content-Type: message/rfc822'], ''), parts: [inner] };
	}
	return inner;
}

/** The whole body in another encoding; some tell a lie about it. */
function encoded(part: Entity, random: Random): Entity {
	const text = writeEntity(part);
	const body = text.slice(text.indexOf('\r\n\r\n') + 4);
	const head = part.head.replace(/\r\nContent-Transfer-Encoding:[^\r]*/i, '');
	const encoding = random.pick(['base64', 'quoted-printable', '8bit', 'binary']);
	const asTold = random.chance(0.8);
	const quoted = (): string =>
		body.replace(/[=\x80-\xff]/g, (each) => `=${each.charCodeAt(0).toString(16).padStart(2, '0')}`);
	const result =
		encoding === 'base64' ? base64Lines(body) : encoding === 'quoted-printable' ? quoted() : body;
	return leaf([head, `Content-Transfer-Encoding: ${encoding}`], asTold ? result : body);
}

const ADDED = (): Entity[] => [
	leaf(
		['Content-Type: application/xml; name="Segnatura.xml"'],
		'<Segnatura><Intestazione><Identificatore><NumeroRegistrazione>1</NumeroRegistrazione></Identificatore></Intestazione></Segnatura>',
	),
	leaf(
		['Content-Type: application/xml; name="daticert.xml"'],
		'<postacert tipo="accettazione"><dati/></postacert>',
	),
	leaf(
		[
			'Content-Type: text/plain; charset=iso-8859-1; format=flowed',
			'Content-Transfer-Encoding: quoted-printable',
		],
		'perch=E8 \r\n> no \r\n-- \r\n=\r\n',
	),
	leaf(['Content-Type: text/html; charset=utf-8'], '<p>\xc3\xa8</p>'),
	leaf(['Content-Type: message/rfc822; name="postacert.eml"'], 'From: a@b.it\r\n\r\nciao'),
	leaf(['Content-Type: application/xml'], '<e:Evidence xmlns:e="http://uri.etsi.org/19522/v1#"/>'),
	leaf(
		[
			'Content-Type: application/pkcs7-signature; name="smime.p7s"',
			'Content-Transfer-Encoding: base64',
		],
		'MAAA',
	),
];

export const PART_BENDS: Readonly<Record<string, Bend>> = {
	'a part dropped': inParent((parts, random) => void parts.splice(random.below(parts.length), 1)),
	'a part doubled': inParent(
		(parts, random) => void parts.push(structuredClone(random.pick(parts))),
	),
	'parts swapped': inParent((parts) => void parts.reverse()),
	'a part added': inParent((parts, random) => {
		parts.splice(random.below(parts.length + 1), 0, random.pick(ADDED()));
	}),
	'a part of another part': inParent((parts, random, parent) => {
		parts.push(structuredClone(random.pick(allOf(parent))));
	}),
	'a part nested': onPart((part, random) => enclosed(part, 1 + random.below(6), random)),
	'a part nested beyond all limits': onPart((part, random) => enclosed(part, 60, random)),
	'a part in another encoding': onPart(encoded),
	'a part renamed': onPart((part, random) => {
		const name = random.pick([
			'daticert.xml',
			'postacert.eml',
			'smime.p7s',
			'x.p7m',
			'IT01234567890_a.xml',
		]);
		return { ...part, head: part.head.replace(/name="[^"]*"/gi, `name="${name}"`) };
	}),
	'another boundary': inParent((_, random, parent) => {
		const boundary = random.pick([
			'b',
			'b ',
			' ',
			'-',
			'--',
			'a'.repeat(230),
			'=?utf-8?Q?x?=',
			'\xe8',
			'n0',
			'"',
		]);
		const said = random.chance(0.8) ? boundary : 'other';
		parent.head = parent.head.replace(/boundary="?[^";\r\n]*"?/i, `boundary="${said}"`);
		parent.boundary = boundary;
	}),
	'a boundary inside a part': inParent((parts, random, parent) => {
		const part = random.pick(parts);
		part.body += `\r\n--${parent.boundary ?? 'b'}${random.pick(['', '--', '  ', '-'])}\r\n`;
	}),
	'an inner boundary as the outer one': (root, random) => {
		const [outer, inner] = parents(root).filter(({ boundary }) => boundary !== undefined);
		if (!outer || !inner || outer.boundary === undefined) return;
		inner.boundary = outer.boundary + random.pick(['', '-', '--']);
		inner.head = inner.head.replace(/boundary="?[^";\r\n]*"?/i, `boundary="${inner.boundary}"`);
	},
	'words before and after': inParent((_, random, parent) => {
		parent.preamble += `\r\n${random.pick(['seen by a scanner', '--x', 'A: b'])}`;
		parent.epilogue += '\r\nsent on by a list\r\n';
	}),
	'the end missing': (root) => {
		const text = writeEntity(root);
		Object.assign(root, readEntity(text.slice(0, text.lastIndexOf('--'))));
	},
	'sent on by a list': (root) => {
		const content = root.head.replace(/^[\s\S]*?(?=Content-Type:)/i, '');
		const own = root.head.slice(0, root.head.length - content.length);
		const inner: Entity = { ...root, head: content };
		const outer = multipart('multipart/mixed', 'list', [
			inner,
			leaf(['Content-Type: text/plain'], 'list'),
		]);
		Object.assign(root, outer, { head: own + outer.head });
	},
	'an envelope inside': (root) => {
		const copy = readEntity(writeEntity(root));
		parents(root)
			.at(-1)
			?.parts.push({ ...leaf(['Content-Type: message/rfc822'], ''), parts: [copy] });
	},
	'signed within': (root) => {
		root.head = root.head.replace(/multipart\/(signed|mixed)/i, 'application/pkcs7-mime');
	},
};

/** Sizes beyond the reader's limits. Rare: they cost time. */
export const PART_BLOW_UPS: Readonly<Record<string, Bend>> = {
	'3,000 parts': inParent((parts, random) => {
		const part = random.pick(ADDED());
		for (let count = 0; count < 3000; count += 1) parts.push(part);
	}),
	'a text of 5 MB': inParent((parts) => {
		parts.push(
			leaf(['Content-Type: text/plain; charset=utf-8'], 'ciao a tutti\r\n'.repeat(400_000)),
		);
	}),
	'an original of 5 MB': inParent((parts) => {
		const holder = parts.flatMap(allOf).find((part) => part.body === '' && part.parts.length === 1);
		const inner = holder?.parts[0];
		if (inner && inner.parts.length === 0) inner.body = 'ciao a tutti\r\n'.repeat(400_000);
	}),
};
