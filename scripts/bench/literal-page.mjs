/** @typedef {any} Value reports come from a bundle, without types */

/** @type {Readonly<Record<string, string>>} */
const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @param {string} text */
const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");

/**
 * What the page says of each step, three times as the page does: in its contents, in its timeline and by itself.
 *
 * @param {Value} report
 */
export const literalPage = (report) => {
  const steps = report.steps.flatMap((/** @type {any} */ { rounds }) => rounds);
  return `<!doctype html><title>${escapeHtml(report.title.markdown)}</title>
<ul>${steps.map(entryOf).join("")}</ul>
<table>${steps.map(rowOf).join("")}</table>
${steps.map(sectionOf).join("")}`;
};

/** @type {(part: Value) => string} */
const entryOf = ({ anchor, status, key, iteration }) => `<li data-step="${anchor}"><a href="#${anchor}">
<span class="mark status ${status}" aria-hidden="true">${status}</span> ${escapeHtml(key)} · round ${iteration}</a></li>\n`;

/** @type {(part: Value) => string} */
const rowOf = ({ anchor, number, iteration, title, status, started_at, offset, milliseconds, evidence }) => `<tr>
<td class="time">${started_at.slice(11, 19)}</td><td class="time">+${(offset / 1000).toFixed(3)} s</td>
<td><a href="#${anchor}">${number} (round ${iteration})</a> <span class="author">${escapeHtml(title.markdown)}</span>
<span class="status ${status}">${status}</span></td><td class="time">${milliseconds} ms</td>
<td>${evidence.map((/** @type {Value} */ { path }) => `<a href="${escapeHtml(path)}"><code>${escapeHtml(path)}</code></a>`).join("")}</td></tr>\n`;

/** @type {(part: Value) => string} */
const sectionOf = (step) => `<section class="step" id="${step.anchor}" aria-labelledby="h-${step.anchor}">
<h4 id="h-${step.anchor}"><span class="number">${step.number}</span><span class="author">${escapeHtml(step.title.markdown)}</span>
<a class="self" href="#${step.anchor}" aria-label="Link to step ${step.number}">#</a></h4>
<p class="meta"><span class="status ${step.status}">${step.status}</span> · <code>${step.kind}</code> · <code>${escapeHtml(step.key)}</code>
· round ${step.iteration} · ${step.risk} · +${(step.offset / 1000).toFixed(3)} s · took ${step.milliseconds} ms</p>
<dl class="facts"><dt>element</dt><dd>${escapeHtml(String(step.item))}</dd></dl>
${step.commands.map((/** @type {Value} */ { text }) => `<figure class="command"><pre tabindex="0"><code>${escapeHtml(text)}</code></pre></figure>`).join("")}
${step.blocks.map(blockOf).join("")}</section>\n`;

/** @type {(part: Value) => string} */
const blockOf = (block) => (block.type === "output" ? outputOf(block) : block.type === "facts" ? factsOf(block) : "");

/** @type {(part: Value) => string} */
const factsOf = ({ anchor, facts }) =>
  `<dl class="facts" id="${anchor}">${facts
    .map(
      (/** @type {Value} */ { label, value }, /** @type {number} */ index) =>
        `<dt>${escapeHtml(label)}</dt><dd id="${anchor}-F${index + 1}">${escapeHtml(value)}</dd>`,
    )
    .join("")}</dl>\n`;

/** @type {(part: Value) => string} */
const outputOf = ({ anchor, title, head, evidence }) => `<figure class="output" id="${anchor}">
<figcaption><b>${escapeHtml(title)}</b> · <a href="${escapeHtml(evidence.path)}"><code>${escapeHtml(evidence.path)}</code></a> (${evidence.bytes} bytes)</figcaption>
<pre class="lines" tabindex="0" role="group" aria-label="${escapeHtml(title)}">${head
  .split("\n")
  .map(
    (/** @type {string} */ line, /** @type {number} */ index) =>
      `<span id="${anchor}-L${index + 1}" data-n="${index + 1}">${escapeHtml(line)}\n</span>`,
  )
  .join("")}</pre></figure>\n`;
