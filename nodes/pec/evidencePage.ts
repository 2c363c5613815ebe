import type { EvidenceLanguage } from './evidenceWords';
import { escaped } from './html';

const STYLE = `
@page { size: A4; margin: 15mm }
* { box-sizing: border-box }
body { font: 10pt/1.45 "Helvetica Neue", Arial, sans-serif; color: #1a1a1a; margin: 24px auto; max-width: 820px; padding: 0 16px }
h1 { font-size: 17pt; margin: 0 0 10px } h2 { font-size: 12pt; margin: 20px 0 6px }
bdi { unicode-bidi: isolate; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 0 } dt { color: #555 } dd { margin: 0 }
table { border-collapse: collapse; width: 100%; font-size: 9pt } thead { display: table-header-group } tr { break-inside: avoid }
th, td { border: 1px solid #c4c4c4; padding: 3px 6px; text-align: left; vertical-align: top; overflow-wrap: anywhere } th { background: #eee }
.hash { font: 7.5pt monospace; color: #444 } .state { border-left: 4px solid #2e7d32; background: #edf7ed; padding: 6px 10px }
.state.lacks { border-color: #ef6c00; background: #fff3e0 } .state.failed { border-color: #c62828; background: #fdecea }
.note { color: #444; font-size: 9pt }
@media print { body { margin: 0; max-width: none; padding: 0 } * { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
`;

/** A page that needs nothing but itself and prints as it is. @param body HTML */
export function evidencePage(
	title: string,
	language: EvidenceLanguage,
	body: readonly string[],
): Buffer {
	const pieces = [
		`<!DOCTYPE html>\n<html lang="${language}">\n<head>\n<meta charset="utf-8">\n`,
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`,
		`<meta name="viewport" content="width=device-width, initial-scale=1">\n`,
		`<title>${escaped(title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n`,
		`<h1>${escaped(title)}</h1>\n`,
		...body,
		'</body>\n</html>\n',
	];
	return Buffer.from(pieces.join(''), 'utf8');
}

/** @param cells HTML */
export function tableHtml(
	heads: readonly string[],
	rows: ReadonlyArray<readonly string[]>,
): string {
	const head = heads.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
	const body = rows
		.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`)
		.join('');
	return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody>\n</table>\n`;
}

/** @param facts HTML of each value; those without one are left out */
export function factsHtml(facts: ReadonlyArray<readonly [string, string | undefined]>): string {
	const pieces = facts.map(([term, value]) =>
		value ? `<dt>${escaped(term)}</dt><dd>${value}</dd>\n` : '',
	);
	return `<dl>\n${pieces.join('')}</dl>\n`;
}
