/**
 * The HTML page. `{{…}}` is escaped; helpers that give HTML say so. `style` and `script` are the page's only ones, and `csp` holds
 * their hashes. Without styles and scripts it reads from top to bottom.
 */
export const htmlTemplate = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{csp}}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="casebook {{casebook}}">
<title>{{plain title}} – {{statusWord status}}</title>
<style>{{{style}}}</style>
</head>
<body id="top"{{#if (areMany steps)}} class="many"{{/if}}>
<a class="skip" href="#verdict">Skip to the verdict</a>
<div class="page">
<header>
<p class="case">Case <code>{{case}}</code></p>
<h1>{{inline title}}</h1>
<dl class="head">
<dt>Status</dt><dd><span class="status badge {{status}}">{{statusMark status}}</span></dd>
{{#each environment.hosts}}<dt>Host</dt><dd><code>{{name}}</code> ({{facts.hostname}}, {{facts.os}})</dd>
{{/each}}
{{#if started_at}}<dt>Started</dt><dd><time datetime="{{started_at}}">{{moment started_at}}</time> UTC</dd>
<dt>Took</dt><dd>{{duration milliseconds}}</dd>
{{/if}}
<dt>By</dt><dd><code>{{user}}</code> with casebook <code>{{casebook}}</code></dd>
<dt>Runbook</dt><dd><code>{{runbook.file}}</code></dd>
{{#with taken_from}}<dt>Observations</dt><dd>{{takenWords this}} <code>{{case}}</code> of <time datetime="{{started_at}}">{{moment started_at}}</time> UTC, whose journal ends with <code>{{head}}</code></dd>
{{/with}}
</dl>
{{#if integrity.altered}}
<div class="alarm">
<p><b>The case is not as it was written:</b></p>
<ul>
{{#each integrity.altered}}<li><code>{{this}}</code></li>
{{/each}}
</ul>
</div>
{{/if}}
</header>
<nav class="contents" aria-label="Contents">
<ol>
<li class="section"><a href="#verdict">Verdict</a></li>
<li class="section"><a href="#host">State of the host</a></li>
{{#if (or question hypotheses)}}<li class="section"><a href="#question">Question</a></li>{{/if}}
<li class="section"><a href="#timeline">Timeline</a></li>
<li class="section"><a href="#steps">Steps</a>
<ol>
{{#each steps}}{{> entry}}{{/each}}
</ol></li>
<li class="section"><a href="#not-examined">Not examined</a></li>
<li class="section"><a href="#environment">Environment</a></li>
<li class="section"><a href="#redactions">Redactions</a></li>
<li class="section"><a href="#integrity">Integrity</a></li>
{{#if reproduce}}<li class="section"><a href="#reproduce">Reproduce</a></li>{{/if}}
</ol>
</nav>
<main>

<section id="verdict" class="verdict" aria-labelledby="h-verdict">
<h2 id="h-verdict">Verdict</h2>
<div class="finding {{status}}">
{{#if (headline this)}}<p class="headline">{{headline this}}</p>{{/if}}
{{#with ended_by}}
<p><a href="#{{anchor}}">{{inlinePlain title}}</a>{{#if reason}}: <code>{{reason}}</code>{{/if}}</p>
{{#if remedy}}<p>What to do: <code>{{remedy}}</code></p>{{/if}}
{{/with}}
{{#with verdict}}
<p class="answer">{{answer}}</p>
{{#if says.markdown}}<div class="author says">{{prose says}}</div>{{/if}}
{{#if advice}}<h3>Advice</h3><div class="author">{{prose advice}}</div>{{/if}}
{{#if when}}<p class="meta">This answer holds because <code>{{when}}</code>.</p>{{/if}}
{{/with}}
</div>
{{#with verdict}}
{{#if (unanswered ../this)}}
<div class="wide" tabindex="0" role="group" aria-label="Rules that do not hold"><table class="cards">
<thead><tr><th scope="col">Rule for</th><th scope="col">Condition and values</th><th scope="col">State</th></tr></thead>
<tbody>
{{#each passed_over}}<tr><td>{{answer}}</td><td class="machine that" data-label="Condition">{{when}}{{#each seen}}<div class="value">{{path}} = {{jsonShort value}}</div>{{/each}}{{#if because}}<div class="value">{{because}}</div>{{/if}}</td><td data-label="State">{{holdsWord holds}}</td></tr>
{{/each}}
</tbody></table></div>
{{/if}}
{{#if rests_on}}
<h3>It rests on</h3>
<ul class="grounds">
{{#each rests_on}}<li>{{> ground}}</li>
{{/each}}
</ul>
{{/if}}
{{/with}}
</section>

<section id="host" aria-labelledby="h-host">
<h2 id="h-host">State of the host</h2>
<div{{#if host_state.restore}} class="alarm"{{/if}}>
<p>{{hostSentence host_state}}</p>
{{#if host_state.restore}}
<p><b>To put back what is left, run:</b></p>
<figure class="command"><pre tabindex="0"><code>{{highlight host_state.restore "sh"}}</code></pre></figure>
{{/if}}
</div>
{{#if host_state.changes}}
<div class="wide" tabindex="0" role="group" aria-label="Changes"><table class="cards">
<thead><tr><th scope="col">Change</th><th scope="col">Undone by</th><th scope="col">State</th><th scope="col">Checked</th><th scope="col">Step</th></tr></thead>
<tbody>
{{#each host_state.changes}}<tr><td class="machine">{{what}}</td><td class="machine" data-label="Undone by">{{undo}}</td><td data-label="State"><span class="status {{state}}">{{changeMark state}}</span>{{#if (known milliseconds)}} after {{duration milliseconds}}{{/if}}</td><td class="machine" data-label="Checked">{{how}}</td><td data-label="Step"><a href="#{{anchor}}">{{step}}</a></td></tr>
{{/each}}
</tbody></table></div>
{{/if}}
{{#if host_state.acted}}
<p>Besides, by what they ask for or as declared, these steps may have changed something, and nothing was put back for them:</p>
<ul class="plain">
{{#each host_state.acted}}<li><a href="#{{anchor}}">{{inlinePlain title}}{{#if iteration}}, round {{iteration}}{{/if}}</a>: <code>{{kind}}</code>, {{risk}}{{#if declared}} as declared{{/if}}</li>
{{/each}}
</ul>
{{/if}}
{{#if host_state.stopped}}
<ul class="plain">
{{#each host_state.stopped}}<li>Process <code>{{pid}}</code> ({{#each steps}}{{#unless @first}}, {{/unless}}<a href="#{{anchor}}">{{step}}</a>{{/each}}) {{stoodStill this}}.</li>
{{/each}}
</ul>
{{else}}
<p>No process that was running stood still.</p>
{{/if}}
</section>

{{#if (or question hypotheses)}}
<section id="question" aria-labelledby="h-question">
<h2 id="h-question">Question</h2>
{{#if question}}<div class="author">{{prose question}}</div>{{/if}}
{{#if hypotheses}}
<div class="wide" tabindex="0" role="group" aria-label="Hypotheses"><table class="cards">
<thead><tr><th scope="col">Hypothesis</th><th scope="col">Standing</th><th scope="col">For</th><th scope="col">Against</th><th scope="col">Without weight</th></tr></thead>
<tbody>
{{#each hypotheses}}<tr><td class="hypothesis"><b>{{name}}</b><br><span class="author">{{inline text}}</span></td><td data-label="Standing"><span class="status {{standing}}">{{standingMark standing}}</span></td><td data-label="For">{{> grounds supports}}</td><td data-label="Against">{{> grounds refutes}}</td><td data-label="Without weight">{{> grounds without_weight}}</td></tr>
{{/each}}
</tbody></table></div>
{{/if}}
</section>
{{/if}}

<section id="timeline" aria-labelledby="h-timeline">
<h2 id="h-timeline">Timeline</h2>
{{timelineSvg this}}
<details{{#if (few timeline)}} open{{/if}}><summary>The same as a table, {{count timeline.length "row"}}</summary>
<div class="wide" tabindex="0" role="group" aria-label="Timeline as a table"><table>
<thead><tr><th scope="col">UTC</th><th scope="col">From start</th><th scope="col">Event</th><th scope="col">Took</th><th scope="col">Evidence</th></tr></thead>
<tbody>
{{#each timeline}}<tr><td class="time">{{clock at}}</td><td class="time">{{offset offset}}</td><td class="event">{{#if anchor}}<a href="#{{anchor}}">{{text}}</a>{{else}}{{text}}{{/if}}{{#if title}} <span class="author">{{inlinePlain title}}</span>{{/if}}{{#if detail}} <code>{{detail}}</code>{{/if}}{{#if status}} <span class="status {{status}}">{{stepMark status}}</span>{{/if}}</td><td class="time">{{#if (known milliseconds)}}{{duration milliseconds}}{{/if}}</td><td>{{#if evidence}}{{evidenceShort evidence.path}}{{/if}}</td></tr>
{{/each}}
</tbody></table></div>
</details>
</section>

<section id="steps" aria-labelledby="h-steps">
<h2 id="h-steps">Steps</h2>
{{#each steps}}{{> step}}{{/each}}
</section>

<section id="not-examined" aria-labelledby="h-not-examined">
<h2 id="h-not-examined">Not examined</h2>
{{#if not_examined.author}}
<p>As the author lists it:</p>
<ul class="plain author">
{{#each not_examined.author}}<li>{{this}}</li>
{{/each}}
</ul>
{{/if}}
{{#if not_examined.automatic}}
<p>As the run left it:</p>
<ul class="plain">
{{#each not_examined.automatic}}<li>{{#if anchor}}<a href="#{{anchor}}">{{inlinePlain what}}{{#if iteration}}, round {{iteration}}{{/if}}</a>{{else}}{{inlinePlain what}}{{/if}}: {{notExaminedWord why}}{{#if reason}}, <code>{{reason}}</code>{{/if}}</li>
{{/each}}
</ul>
{{/if}}
{{#unless (or not_examined.author not_examined.automatic)}}<p>Every step of the runbook was run to its end, and the author lists nothing.</p>{{/unless}}
</section>

<section id="environment" aria-labelledby="h-environment">
<h2 id="h-environment">Environment</h2>
{{#each environment.hosts}}
<dl class="facts">
<dt>host</dt><dd>{{name}}</dd>
<dt>hostname</dt><dd>{{facts.hostname}}</dd>
<dt>system</dt><dd>{{facts.os}}</dd>
<dt>kernel</dt><dd>{{facts.kernel}}</dd>
<dt>user</dt><dd>{{facts.user}} (uid {{facts.uid}})</dd>
<dt>boot</dt><dd>{{facts.bootId}}</dd>
<dt>casebook</dt><dd>{{../casebook}}</dd>
</dl>
{{#if tools}}
<div class="wide" tabindex="0" role="group" aria-label="Tools on {{name}}"><table><caption>Tools</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Version</th><th scope="col">Path</th></tr></thead>
<tbody>
{{#each tools}}<tr><td class="machine">{{name}}</td><td class="machine">{{#if version}}{{version}}{{else}}not asked{{/if}}</td><td class="machine">{{path}}</td></tr>
{{/each}}
</tbody></table></div>
{{/if}}
{{/each}}
{{#if environment.binaries}}
<div class="wide" tabindex="0" role="group" aria-label="Examined binaries"><table><caption>Examined binaries</caption>
<thead><tr><th scope="col">Path</th><th scope="col">SHA-256</th><th scope="col">Step</th></tr></thead>
<tbody>
{{#each environment.binaries}}<tr><td class="machine">{{path}}</td><td class="machine">{{sha256}}</td><td><a href="#{{anchor}}">{{step}}</a></td></tr>
{{/each}}
</tbody></table></div>
{{/if}}
{{#if (entries inputs)}}
<div class="wide" tabindex="0" role="group" aria-label="Inputs"><table><caption>Inputs</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Value</th></tr></thead>
<tbody>
{{#each (entries inputs)}}<tr><td class="machine">{{name}}</td><td class="machine">{{json value}}</td></tr>
{{/each}}
</tbody></table></div>
{{/if}}
</section>

<section id="redactions" aria-labelledby="h-redactions">
<h2 id="h-redactions">Redactions</h2>
{{#if (or redactions redacted)}}
<ul class="plain">
{{#each redactions}}<li>Secret <code>{{secret}}</code>: masked {{count this.count "time"}}</li>
{{/each}}
{{#each redacted}}<li><code>{{kind}}</code>: taken out of this report {{count this.count "time"}}; journal and evidence have it</li>
{{/each}}
</ul>
{{else}}
<p>Nothing was masked.</p>
{{/if}}
</section>

<section id="integrity" aria-labelledby="h-integrity">
<h2 id="h-integrity">Integrity</h2>
<dl class="facts">
<dt>journal</dt><dd>{{count integrity.events "event"}}</dd>
<dt>hash of its head</dt><dd>{{integrity.journal_head}}</dd>
<dt>manifest</dt><dd>{{integrity.manifest}}</dd>
<dt>runbook, SHA-256</dt><dd>{{runbook.sha256}}</dd>
{{#each runbook.uses}}
<dt>used {{file}}, SHA-256</dt><dd>{{sha256}}, kept as {{copy}}</dd>
{{/each}}
</dl>
<p>To check: <code>casebook verify</code>, or <code>sha256sum -c {{integrity.manifest}}</code> in the case folder.</p>
</section>

{{#if reproduce}}
<section id="reproduce" aria-labelledby="h-reproduce">
<h2 id="h-reproduce">Reproduce</h2>
<figure class="command"><pre tabindex="0"><code>{{highlight reproduce "sh"}}</code></pre></figure>
<p><code>{{rerunOf this}}</code> runs the copy of the runbook in this case, whatever has become of the file.</p>
{{#if secrets}}<p>Secrets are in no report: give {{#each secrets}}{{#unless @first}}, {{/unless}}<code>{{this}}</code>{{/each}} anew, with <code>-i NAME=@FILE</code> or in the environment.</p>{{/if}}
</section>
{{/if}}
</main>
<footer><p>Rendered by casebook from the journal. Author’s words are set in a serif, what the machine said in a fixed-width face.</p></footer>
</div>
<script>{{{script}}}</script>
</body>
</html>
`;
