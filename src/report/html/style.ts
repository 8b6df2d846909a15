/**
 * The page's one style sheet. Three voices that never mix: the author's words in a serif, what the machine said in a fixed-width
 * face, casebook's own in a sans. Every pair of colours keeps a contrast of 4.5 to 1 in both themes.
 */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fdfdfb, #16181b);
  --sheet: light-dark(#f5f5f1, #1d2024);
  --ink: light-dark(#1d2023, #dddfe2);
  --quiet: light-dark(#565b61, #a2a8af);
  --rule: light-dark(#dcdcd5, #363b41);
  --link: light-dark(#0b558a, #86bdec);
  --good: light-dark(#1b6538, #7cc896);
  --bad: light-dark(#a3211a, #f29a92);
  --warn: light-dark(#7c5200, #e3b96b);
  --mark: light-dark(#fff3c9, #3d3519);
  --added: light-dark(#e3f2e6, #1c3325);
  --removed: light-dark(#fbe6e4, #3d2220);
  --sans: "Inter", "Source Sans 3", "Noto Sans", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", "DejaVu Sans", sans-serif;
  --serif: "Charter", "Bitstream Charter", "Iowan Old Style", "Source Serif 4", "Noto Serif", "Georgia", "DejaVu Serif", serif;
  --mono: ui-monospace, "JetBrains Mono", "SF Mono", "Cascadia Mono", "Menlo", "Consolas", "DejaVu Sans Mono", monospace;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 0.9375rem/1.55 var(--sans); }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 0.25em; }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px;
}
code, pre, kbd { font-family: var(--mono); font-size: 0.875em; }
code { overflow-wrap: anywhere; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; font-weight: 600; text-wrap: balance; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem; }

.page { max-width: 76rem; margin: 0 auto; padding: 0 2rem 6rem; }
@media (min-width: 72rem) {
  .page { display: grid; grid-template-columns: 16rem minmax(0, 1fr); grid-template-rows: auto 1fr; column-gap: 3.5rem; }
  .page > header, .page > main, .page > footer { grid-column: 2; }
  .contents { grid-column: 1; grid-row: 1 / span 3; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 3rem 0.25rem 2rem; }
}
.contents { font-size: 0.8125rem; line-height: 1.4; }
@media (max-width: 71.99rem) {
  .contents { margin-top: 1.5rem; border-block: 1px solid var(--rule); padding: 0.5rem 0; }
  .contents > ol { display: flex; flex-wrap: wrap; column-gap: 1.2rem; }
  .contents ol ol { flex-wrap: nowrap; }
  .contents > ol > li:has(ol) { flex-basis: 100%; }
  .contents > ol > li > ol { max-height: 11rem; overflow-y: auto; border-left: 1px solid var(--rule); }
}
.contents ol { list-style: none; margin: 0; padding: 0; }
.contents ol ol { padding-left: 0.9rem; }

.contents a { display: inline-block; padding: 0.2rem 0; min-height: 1.5rem; color: var(--quiet); text-decoration: none; }
.contents li.section > a { color: var(--ink); font-weight: 600; }
.contents a:hover { color: var(--link); text-decoration: underline; }
.contents a[aria-current] { color: var(--link); }
.contents .mark { display: inline-block; width: 0.9rem; }

header { padding-top: 3rem; }
.case { color: var(--quiet); font-size: 0.8125rem; margin: 0; }
h1 { font: 600 2rem/1.2 var(--serif); margin: 0.4rem 0 1rem; letter-spacing: -0.01em; }
dl.head { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.15rem 1.25rem; margin: 0; }
dl.head dt { color: var(--quiet); }
dl.head dd { margin: 0; }
main > section { margin-top: 3.25rem; }
h2 { font-size: 1.25rem; margin: 0 0 1rem; padding-bottom: 0.35rem; border-bottom: 1px solid var(--rule); }

.status { font-weight: 600; white-space: nowrap; }
.badge { display: inline-block; padding: 0 0.6rem; border: 1px solid currentColor; border-radius: 1rem; }
.status.ok, .status.met, .status.undone, .status.was-undone, .status.supported, .status.answered, .status.finished { color: var(--good); }
.status.failed, .status.unmet, .status.refuted, .status.cannot, .status.pending, .status.not-restored, .status.crashed { color: var(--bad); }
.status.tolerated, .status.cut-off, .status.unknown, .status.contested, .status.undecided, .status.interrupted, .status.timed-out, .status.incomplete { color: var(--warn); }
.status.skipped, .status.not-reached, .status.open { color: var(--quiet); }

.author { font-family: var(--serif); font-size: 1.0625rem; line-height: 1.6; max-width: 42rem; overflow-wrap: anywhere; }
.author p, .author ul, .author ol, .author blockquote { margin: 0.6rem 0; }
.author p.heading { font-weight: 700; margin-top: 1.1rem; }
.author > :first-child { margin-top: 0; }
.author blockquote { margin-left: 0; padding-left: 1rem; border-left: 2px solid var(--rule); }
span.author { font-size: inherit; line-height: inherit; }
.answer { font: 600 1.5rem/1.3 var(--serif); margin: 0 0 0.75rem; overflow-wrap: anywhere; }
.verdict .says { font-size: 1.25rem; line-height: 1.5; }
.verdict h3 { font-size: 0.9375rem; margin: 1.5rem 0 0.4rem; }
.finding { border-left: 4px solid var(--quiet); padding: 0.1rem 0 0.1rem 1.25rem; }
.finding.answered, .finding.finished { border-color: var(--good); }
.finding.failed, .finding.not-restored, .finding.crashed { border-color: var(--bad); }
.finding.undecided, .finding.interrupted, .finding.timed-out, .finding.incomplete { border-color: var(--warn); }
.finding > :first-child { margin-top: 0; }
.finding > :last-child { margin-bottom: 0; }
.headline { font-weight: 600; }
.grounds { padding-left: 1.1rem; }
.grounds li { margin: 0.5rem 0; }
.grounds pre { margin: 0.3rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.ref, .ref a { line-height: 1.5rem; }
.ref + .ref { margin-top: 0.3rem; }
.ref a { display: inline-block; min-height: 1.5rem; }
td.hypothesis { min-width: 12rem; }
.alarm { border-left: 4px solid var(--bad); padding: 0.1rem 0 0.1rem 1.1rem; }

table { border-collapse: collapse; font-size: 0.875rem; }
.wide { overflow-x: auto; margin: 0.9rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.32rem 1.1rem 0.32rem 0; border-bottom: 1px solid var(--rule); }
th { font-weight: 600; color: var(--quiet); white-space: nowrap; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.25rem; }
td.event { min-width: 14rem; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.machine { font-family: var(--mono); font-size: 0.8125rem; overflow-wrap: break-word; min-width: 4rem; max-width: 20rem; white-space: pre-wrap; }
td.that { max-width: 36rem; overflow-wrap: anywhere; }
.value { color: var(--quiet); padding-left: 1rem; }
@media screen and (max-width: 44rem) {
  .cards, .cards tbody, .cards tr, .cards td { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { padding: 0.6rem 0; border-top: 1px solid var(--rule); }
  .cards td { border: 0; padding: 0.1rem 0; max-width: none; }
  .cards td[data-label] { position: relative; padding-left: 7.5rem; min-height: 1.6rem; }
  .cards td[data-label]::before { content: attr(data-label); position: absolute; left: 0; color: var(--quiet); font: 0.8125rem/1.6 var(--sans); }
}
ul.plain { padding-left: 1.1rem; }
ul.plain li { margin: 0.25rem 0; }

.step { margin: 2.25rem 0 0; }
.many .step { content-visibility: auto; contain-intrinsic-size: auto 12rem; }
.step:focus-visible { outline: none; box-shadow: -0.6rem 0 0 var(--paper), -0.75rem 0 0 var(--link); }
.step .step { margin-top: 1.75rem; }
.inner { border-left: 1px solid var(--rule); padding-left: 1.4rem; margin-left: 0.15rem; }
.step > h3, .step > h4, .step > h5, .step > h6 { font-size: 1.0625rem; margin: 0 0 0.15rem; }
.step .number { color: var(--quiet); font-weight: 400; margin-right: 0.45rem; font-variant-numeric: tabular-nums; }
.step .self { margin-left: 0.4rem; text-decoration: none; color: var(--quiet); font-weight: 400; }
.meta { color: var(--quiet); font-size: 0.8125rem; margin: 0 0 0.8rem; }
.step > .author { margin: 0.6rem 0 1rem; }
.why { border-left: 3px solid currentColor; padding-left: 0.8rem; margin: 0.7rem 0; }
.why.failed { color: var(--bad); }
.why.tolerated, .why.cut-off { color: var(--warn); }
.why.skipped { color: var(--quiet); }
.why code { white-space: pre-wrap; }

pre { margin: 0; padding: 0.65rem 0.9rem; background: var(--sheet); overflow-x: auto; line-height: 1.45; tab-size: 8; font-size: 0.8125rem; }
pre code { font-size: inherit; overflow-wrap: normal; }
figure { margin: 0.8rem 0; position: relative; }
figcaption { color: var(--quiet); font-size: 0.8125rem; margin-bottom: 0.25rem; }
figcaption b { color: var(--ink); font-weight: 600; }
.command > pre, .command > details { border-left: 3px solid var(--link); background: var(--sheet); }
.command pre { white-space: pre-wrap; overflow-wrap: anywhere; padding-right: 5rem; }
.command summary { padding: 0.65rem 5rem 0.65rem 0.9rem; font: 0.8125rem/1.45 var(--mono); color: var(--ink); overflow-wrap: anywhere; }
.command summary .rest { color: var(--quiet); font-family: var(--sans); }
.command .ended { color: var(--quiet); font-size: 0.8125rem; margin: 0.25rem 0 0; }
.more > .lines { content-visibility: auto; contain-intrinsic-size: auto 60rem; }
.lines { padding-left: 0; }
.lines > span { display: block; padding-left: 3.5rem; position: relative; min-height: 1.45em; }
.lines > span::before {
  content: attr(data-n); position: absolute; left: 0; width: 2.6rem; text-align: right;
  color: var(--quiet); user-select: none; font-size: 0.92em;
}
.lines > span:hover { background: light-dark(#ecece6, #262a2f); }
:target { background: var(--mark); }
section:target, figure:target { background: none; }
.step:target > h3, .step:target > h4, .step:target > h5, .step:target > h6, figure:target > figcaption { background: var(--mark); }
.lines > span:target, .lines > span:target:hover { background: var(--mark); }
details.more > summary, details > summary { cursor: pointer; color: var(--link); font-size: 0.8125rem; padding: 0.25rem 0; }
details.more > summary { padding-left: 3.5rem; background: var(--sheet); }
td.machine > details > summary { color: var(--ink); padding: 0; }
p.text { white-space: pre-line; overflow-wrap: anywhere; margin: 0.6rem 0; }
.cut { color: var(--quiet); font-size: 0.8125rem; margin: 0.3rem 0; }
dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.2rem 1.2rem; margin: 0.7rem 0; font-size: 0.875rem; }
dl.facts dt { color: var(--quiet); max-width: 16rem; overflow-wrap: anywhere; }
dl.facts dd { margin: 0; font-family: var(--mono); font-size: 0.8125rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.turn { margin: 0; padding-bottom: 0.25rem; }
.turn .prompt { color: var(--quiet); }
.turn .typed { font-weight: 700; }
ol.stack { list-style: none; margin: 0; padding: 0.6rem 0.9rem; background: var(--sheet); font: 0.8125rem/1.45 var(--mono); overflow-wrap: anywhere; }
ol.stack li { padding-left: 1.6rem; position: relative; }
ol.stack li > span { display: block; color: var(--quiet); }
ol.stack li.marked { font-weight: 700; }
ol.stack li.marked > span { font-weight: 400; }
ol.stack .here { position: absolute; left: 0; }
.diff .added { background: var(--added); display: block; }
.diff .removed { background: var(--removed); display: block; }
.diff .hunk { color: var(--quiet); display: block; }
.diff .same { display: block; }

svg.timeline { width: 100%; min-width: 44rem; height: auto; font-family: var(--sans); margin: 0.5rem 0 1rem; }
svg .ok { fill: light-dark(#5b87a6, #6f9dbd); }
svg .failed { fill: var(--bad); }
svg .tolerated { fill: var(--warn); }
svg .cut-off { fill: none; stroke: var(--warn); stroke-dasharray: 3 2; }
svg .change { fill: var(--quiet); }
svg .still { fill: var(--warn); }
svg text.tick { fill: var(--quiet); }

.bold { font-weight: 700; }
.dim { color: var(--quiet); }
.italic { font-style: italic; }
.underline { text-decoration: underline; }
.strike { text-decoration: line-through; }
.underline.strike { text-decoration: underline line-through; }
.redrawn { color: var(--quiet); }
.fg0, .fg7, .fg15 { color: var(--ink); }
.fg8 { color: var(--quiet); }
.fg1, .fg9 { color: var(--bad); }
.fg2, .fg10 { color: var(--good); }
.fg3, .fg11 { color: var(--warn); }
.fg4, .fg12 { color: var(--link); }
.fg5, .fg13 { color: light-dark(#8a2a86, #e0a0dc); }
.fg6, .fg14 { color: light-dark(#0d6070, #7fc9d6); }
[class*="bg"] { color: var(--ink); }
.bg0, .bg8, .bg7, .bg15 { background: light-dark(#e2e2dc, #33383e); }
.bg1, .bg9 { background: light-dark(#f8d9d6, #4f2825); }
.bg2, .bg10 { background: light-dark(#d3ecd9, #1f4029); }
.bg3, .bg11 { background: light-dark(#f6e7b8, #463a12); }
.bg4, .bg12 { background: light-dark(#d5e6f5, #1c3a54); }
.bg5, .bg13 { background: light-dark(#f1dcf0, #46264a); }
.bg6, .bg14 { background: light-dark(#d2ecf0, #16414a); }
.inverse { color: var(--paper); background: var(--ink); }
.hljs-keyword, .hljs-built_in, .hljs-literal { color: light-dark(#8a2a86, #e0a0dc); }
.hljs-string, .hljs-regexp { color: var(--good); }
.hljs-variable, .hljs-attr, .hljs-number, .hljs-subst { color: var(--link); }
.hljs-comment { color: var(--quiet); font-style: italic; }
.hljs-title, .hljs-section { font-weight: 600; }

.bar { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; padding: 0.6rem 0; background: var(--paper); font-size: 0.8125rem; }
@media (max-width: 44rem) {
  html { scroll-padding-top: 1rem; }
  .bar { position: static; }
}
.bar input { flex: 1 1 12rem; }
.bar input, .bar button, .copy, dialog button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--quiet); border-radius: 4px; padding: 0.25rem 0.6rem; min-height: 1.75rem; }
.bar button:hover, .copy:hover, dialog button:hover { background: var(--sheet); cursor: pointer; }
.copy { position: absolute; right: 0.4rem; top: 0.4rem; font-size: 0.75rem; }
.bar output { color: var(--quiet); }
dialog { color: var(--ink); background: var(--paper); border: 1px solid var(--quiet); border-radius: 6px; max-width: 26rem; }
dialog::backdrop { background: rgb(0 0 0 / 0.35); }
[hidden] { display: none !important; }
footer { margin-top: 4rem; color: var(--quiet); font-size: 0.8125rem; }

@media print {
  :root, :root[data-theme="dark"] { color-scheme: light; }
  body { font-size: 9.5pt; background: none; }
  .contents, .bar, .copy, .skip, .self { display: none !important; }
  .page { display: block; max-width: none; padding: 0; }
  main > section { margin-top: 1.6rem; }
  pre, ol.stack { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--rule); }
  .wide { overflow: visible; }
  .many .step, .more > .lines { content-visibility: visible; }
  h2, h3, h4, h5, h6, figcaption { break-after: avoid; }
  tr, dl.head, .why { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; }
  details > summary { list-style: none; color: var(--quiet); }
}
`;
