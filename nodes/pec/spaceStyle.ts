export const SPACE_STYLE = `
@page { size: A4 portrait; margin: 14mm }
* { box-sizing: border-box }
body { font: 10pt/1.4 "Helvetica Neue", Arial, sans-serif; color: #1a1a1a; margin: 24px auto; max-width: 860px; padding: 0 16px }
h1 { font-size: 18pt; margin: 0 0 4px } h2 { font-size: 12pt; margin: 26px 0 8px; break-after: avoid } h3 { font-size: 10pt; margin: 12px 0 4px; break-after: avoid }
bdi { unicode-bidi: isolate; overflow-wrap: anywhere }
.meta { color: #444; margin: 0 0 14px } .note { color: #444; font-size: 9pt }
.warn { border-left: 4px solid #d55e00; background: #fff3e0; padding: 6px 10px; margin: 8px 0; overflow-wrap: anywhere }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 8px; margin: 14px 0 }
.facts div { border: 1px solid #c4c4c4; padding: 6px 10px } .facts dt { color: #444; font-size: 9pt } .facts dd { margin: 0; font-size: 12pt; font-weight: bold }
figure { margin: 0 0 10px; break-inside: avoid } figure svg { display: block; width: 100%; max-width: 680px; height: auto }
figcaption { font-size: 9pt; margin-bottom: 4px } figcaption span { display: inline-block; margin-right: 14px } figcaption i { display: inline-block; width: 14px; height: 10px; border: 1px solid #8a8a8a; margin-right: 5px }
table { border-collapse: collapse; width: 100%; font-size: 9pt }
th, td { border: 1px solid #c4c4c4; padding: 3px 6px; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee } thead { display: table-header-group } tr { break-inside: avoid }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tfoot td { font-weight: bold }
@media print { body { margin: 0; max-width: none; padding: 0 } * { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
`;
