/** The parts of the HTML page that occur in several places, and in steps within steps. */
export const htmlPartials: Readonly<Record<string, string>> = {
  entry: `<li data-step="{{anchor}}"><a href="#{{anchor}}"><span class="mark status {{status}}" aria-hidden="true">{{markOnly status}}</span> {{inlinePlain title}}{{#if iteration}} · round {{iteration}}{{/if}}</a>{{#if (or rounds during)}}<ol>{{#each rounds}}{{> entry}}{{/each}}{{#each during}}{{> entry}}{{/each}}</ol>{{/if}}</li>
`,
  ground: `{{#if expectation}}<a href="#{{anchor}}">{{expectationName this}}</a> of {{inlinePlain title}} – <code>{{that}}</code> {{holdsWord holds}}{{else}}<a href="#{{anchor}}">{{inlinePlain title}}</a>{{/if}}{{#each seen}}, <code>{{path}} = {{jsonShort value}}</code>{{/each}}{{#with line}}; <a href="#{{anchor}}">{{label}}</a>:<pre tabindex="0">{{captured text}}</pre>{{/with}}`,
  grounds: `{{#each this}}<div class="ref"><a href="#{{anchor}}">{{expectationName this}}</a>{{#unless holds}} ({{holdsWord holds}}){{/unless}}</div>{{else}}–{{/each}}`,
  step: `<section class="step" id="{{anchor}}"{{#if (bareNote this)}} aria-label="Note {{number}}">{{else}} aria-labelledby="h-{{anchor}}">
{{heading this}}
<p class="meta"><span class="status {{status}}">{{stepMark status}}</span> · <code>{{kind}}</code> · <code>{{key}}</code>{{#if iteration}} · round {{iteration}}{{/if}}{{#if risk}} · {{risk}}{{#if risk_declared}} (declared){{/if}}{{/if}}{{#if (known offset)}} · {{offset offset}}{{/if}}{{#if (known milliseconds)}} · took {{duration milliseconds}}{{/if}}{{#with taken}} · taken: observed <time datetime="{{started_at}}">{{moment started_at}}</time> UTC in {{duration milliseconds}}{{/with}}</p>
{{/if}}
{{#if iteration}}<dl class="facts"><dt>element</dt><dd>{{json item}}</dd></dl>{{/if}}
{{#if note}}<div class="author">{{prose note}}</div>{{/if}}
{{#if reason}}<p class="why {{status}}">{{reasonWord status}}: <code>{{reason}}</code>{{#if remedy}}<br>What to do: <code>{{remedy}}</code>{{/if}}</p>{{/if}}
{{#if without_rounds}}<p>No rounds: its list was empty.</p>{{/if}}
{{#if (retried attempts)}}<details><summary>{{count attempts.length "attempt"}}</summary><div class="wide" tabindex="0" role="group" aria-label="Attempts of {{key}}"><table>
<thead><tr><th scope="col">Attempt</th><th scope="col">Outcome</th><th scope="col">Took</th><th scope="col">Why</th></tr></thead>
<tbody>{{#each attempts}}<tr><td>{{attempt}}</td><td><span class="status {{outcome}}">{{stepMark outcome}}</span></td><td class="time">{{duration milliseconds}}</td><td class="machine">{{reason}}</td></tr>
{{/each}}</tbody></table></div></details>{{/if}}
{{#each (repeatedCommands commands)}}<figure class="command">{{#if (isScript text)}}<details><summary>{{firstWords text}} <span class="rest">… {{count (lineCount text) "line"}}</span></summary><pre tabindex="0"><code>{{highlight text "sh"}}</code></pre></details>{{else}}<pre tabindex="0"><code>{{highlight text "sh"}}</code></pre>{{/if}}<p class="ended">{{endedWords this}} on <code>{{host}}</code>{{#if user}} as <code>{{user}}</code>{{/if}}{{#if (wasCut this)}} · not all of its output was kept{{/if}}</p></figure>
{{/each}}
{{#if opened}}<details><summary>What it held while it was open</summary><dl class="facts">{{#each opened}}<dt>{{label}}</dt><dd>{{captured value}}</dd>{{/each}}</dl></details>{{/if}}
{{#each blocks}}{{> block step=../key}}{{/each}}
{{#if expectations}}<div class="wide" tabindex="0" role="group" aria-label="Expectations of {{key}}"><table class="cards">
<thead><tr><th scope="col">Expectation</th><th scope="col">Seen</th><th scope="col">Condition and values</th><th scope="col">Bears on</th></tr></thead>
<tbody>{{#each expectations}}<tr id="{{anchor}}"><td>{{name}}</td><td><span class="status {{state}}">{{expectationMark state}}</span></td><td class="machine that">{{that}}{{#each seen}}<div class="value">{{path}} = {{jsonShort value}}</div>{{/each}}{{#if because}}<div class="value">{{because}}</div>{{/if}}</td><td>{{#each supports}}{{#unless @first}}, {{/unless}}supports {{this}}{{/each}}{{#if supports}}{{#if refutes}}, {{/if}}{{/if}}{{#each refutes}}{{#unless @first}}, {{/unless}}refutes {{this}}{{/each}}</td></tr>
{{/each}}</tbody></table></div>
{{#each expectations}}{{#if (said this)}}<div class="author">{{prose says}}</div>{{/if}}{{/each}}{{/if}}
{{#if rests_on}}<p>Its answer rests on:</p>
<ul class="grounds">{{#each rests_on}}<li>{{> ground}}</li>
{{/each}}</ul>{{/if}}
{{#if saved}}<div class="wide" tabindex="0" role="group" aria-label="Values saved by {{key}}"><table class="cards">
<thead><tr><th scope="col">Saved</th><th scope="col">Value</th><th scope="col">From</th></tr></thead>
<tbody>{{#each saved}}<tr><td class="machine">{{name}}</td><td class="machine" data-label="Value">{{#if (isLarge value)}}<details><summary>{{jsonShort value}}</summary><pre tabindex="0">{{jsonLines value}}</pre></details>{{else}}{{json value}}{{/if}}</td><td data-label="From">{{#if expression}}<code>{{expression}}</code>{{else}}the result of this step{{/if}}</td></tr>
{{/each}}</tbody></table></div>{{/if}}
{{#if (otherEvidence this)}}<p class="meta">Evidence: {{#each (otherEvidence this)}}{{#unless @first}}, {{/unless}}{{evidenceName path}}{{#if truncated}} (cut off: {{why}}){{/if}}{{/each}}</p>{{/if}}
{{#if (or rounds during)}}<div class="inner">{{#each rounds}}{{> step}}{{/each}}{{#each during}}{{> step}}{{/each}}</div>{{/if}}
</section>
`,
  block: `{{#if (is type "output")}}{{output this step}}
{{else if (is type "code")}}{{#if (is language "text")}}{{lines this step}}{{else}}<figure id="{{anchor}}">{{#if title}}<figcaption><b>{{title}}</b></figcaption>{{/if}}<pre tabindex="0"><code>{{highlight text language}}</code></pre></figure>{{/if}}
{{else if (is type "text")}}<p class="text" id="{{anchor}}">{{text}}</p>
{{else if (is type "diff")}}<figure id="{{anchor}}"><pre class="diff" tabindex="0">{{diff text}}</pre></figure>
{{else if (is type "facts")}}<dl class="facts" id="{{anchor}}">{{#each facts}}<dt>{{label}}</dt><dd id="{{../anchor}}-F{{ordinal @index}}">{{captured value}}</dd>{{/each}}</dl>
{{else if (is type "table")}}<div class="wide" tabindex="0" role="group" aria-label="{{#if title}}{{title}}{{else}}table{{/if}} of {{step}}" id="{{anchor}}"><table>{{#if title}}<caption>{{title}}</caption>{{/if}}
<thead><tr>{{#each columns}}<th scope="col">{{this}}</th>{{/each}}</tr></thead>
<tbody>{{#each rows}}<tr id="{{../anchor}}-R{{ordinal @index}}">{{#each this}}<td class="machine">{{this}}</td>{{/each}}</tr>
{{/each}}</tbody></table>{{#if omitted_rows}}<p class="cut">… {{count omitted_rows "more row"}}</p>{{/if}}</div>
{{else if (is type "session")}}<figure id="{{anchor}}">{{#each turns}}<pre class="turn" id="{{../anchor}}-T{{ordinal @index}}" tabindex="0">{{#if input}}<span class="prompt">{{../prompt}}</span><span class="typed">{{input}}</span>
{{/if}}{{captured output}}</pre>{{/each}}</figure>
{{else if (is type "stack")}}<figure id="{{anchor}}"><details{{#unless folded}} open{{/unless}}><summary>{{title}}, {{count frames.length "frame"}}</summary>
<ol class="stack">{{#each frames}}<li id="{{../anchor}}-F{{ordinal @index}}"{{#if marked}} class="marked"{{/if}}>{{#if marked}}<span class="here" aria-label="the frame that matters">▶</span>{{/if}}{{this.function}}<span>{{file}}:{{line}}</span></li>
{{/each}}</ol>{{#if omitted_frames}}<p class="cut">… {{count omitted_frames "more frame"}}</p>{{/if}}</details></figure>
{{/if}}`,
};
