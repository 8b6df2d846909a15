/**
 * The Markdown page. `{{…}}` is escaped as text; helpers that give Markdown say so. Blank lines are kept as they stand here and runs
 * of them become one.
 */
export const markdownTemplate = `<a id="top"></a>

# {{inline title}}

| Status | **{{statusWord status}}** |
| --- | --- |
{{#each environment.hosts}}
| Host | {{cell name}} ({{facts.hostname}}, {{facts.os}}) |
{{/each}}
{{#if started_at}}
| Started | {{moment started_at}} UTC |
| Took | {{duration milliseconds}} |
{{/if}}
| By | {{cell user}} with casebook {{cell casebook}} |
| Runbook | {{cell runbook.file}} |
| Case | {{cell case}} |
{{#with taken_from}}
| Observations | {{takenWords this}} {{cell case}} of {{moment started_at}} UTC, whose journal ends with {{cell head}} |
{{/with}}

{{#if shortened}}
*{{shortened}}*
{{/if}}

{{#if integrity.altered}}
**The case is not as it was written:**

{{#each integrity.altered}}
- {{code this}}
{{/each}}
{{/if}}

<a id="verdict"></a>

## Verdict

{{#if (headline this)}}
**{{headline this}}**
{{/if}}

{{#with ended_by}}
{{richLink anchor title}}{{#if reason}}: {{code reason}}{{/if}}
{{#if remedy}}

What to do: {{code remedy}}
{{/if}}
{{/with}}

{{#with verdict}}
**Answer:** {{code answer}}{{#if when}}, because {{code when}} holds{{/if}}

{{#if says.markdown}}
{{prose says}}
{{/if}}

{{#if advice}}
**Advice**

{{prose advice}}
{{/if}}

{{#if (unanswered ../this)}}
| Rule for | Condition | | Values seen |
| --- | --- | --- | --- |
{{#each passed_over}}
| {{cell answer}} | {{cell when}} | {{holdsWord holds}} | {{#each seen}}{{#unless @first}}, {{/unless}}{{cell path}} = {{cellJson value}}{{/each}}{{#if because}}{{#if seen}}; {{/if}}{{cell because}}{{/if}} |
{{/each}}
{{/if}}

{{#if rests_on}}
It rests on:

{{#each rests_on}}
- {{> ground}}
{{/each}}
{{/if}}
{{/with}}

<a id="host"></a>

## State of the host

{{hostSentence host_state}}

{{#if host_state.restore}}
**To put back what is left, run:**

{{fence host_state.restore "sh"}}
{{/if}}

{{#if host_state.changes}}
| Change | Undone by | State | Checked | Step |
| --- | --- | --- | --- | --- |
{{#each host_state.changes}}
| {{cell what}} | {{cell undo}} | {{changeWord state}}{{#if (known milliseconds)}} after {{duration milliseconds}}{{/if}} | {{cell how}} | {{link anchor step}} |
{{/each}}
{{/if}}

{{#if host_state.acted}}
Besides, by what they ask for or as declared, these steps may have changed something, and nothing was put back for them:

{{#each host_state.acted}}
- {{richLink anchor title}}{{#if iteration}}, round {{iteration}}{{/if}}: {{code kind}}, {{risk}}{{#if declared}} as declared{{/if}}
{{/each}}
{{/if}}

{{#if host_state.stopped}}
{{#each host_state.stopped}}
- Process {{code pid}} ({{#each steps}}{{#unless @first}}, {{/unless}}{{link anchor step}}{{/each}}) {{stoodStill this}}.
{{/each}}
{{else}}
No process that was running stood still.
{{/if}}

{{#if (or question hypotheses)}}
<a id="question"></a>

## Question

{{#if question}}
{{prose question}}
{{/if}}
{{/if}}

{{#if hypotheses}}
| Hypothesis | Standing | For | Against | Without weight |
| --- | --- | --- | --- | --- |
{{#each hypotheses}}
| **{{name}}** {{cellInline text}} | {{standingMark standing}} | {{#each supports}}{{#unless @first}}, {{/unless}}{{link anchor (expectationName this)}}{{else}}–{{/each}} | {{#each refutes}}{{#unless @first}}, {{/unless}}{{link anchor (expectationName this)}}{{else}}–{{/each}} | {{#each without_weight}}{{#unless @first}}, {{/unless}}{{link anchor (expectationName this)}} ({{holdsWord holds}}){{else}}–{{/each}} |
{{/each}}
{{/if}}

<a id="timeline"></a>

## Timeline

| UTC | From start | Event | Took | Evidence |
| --- | --- | --- | --- | --- |
{{#each timeline}}
| {{moment at}} | {{offset offset}} | {{#if anchor}}{{link anchor text}}{{else}}{{text}}{{/if}}{{#if title}} {{cellInline title}}{{/if}}{{#if detail}} {{cell detail}}{{/if}}{{#if status}} – {{stepMark status}}{{/if}} | {{#if (known milliseconds)}}{{duration milliseconds}}{{/if}} | {{#if evidence}}{{evidenceName evidence}}{{/if}} |
{{/each}}

<a id="steps"></a>

## Steps

{{#each steps}}
{{> step}}
{{/each}}

{{#if dropped}}
*{{count dropped "step"}} not shown here; the HTML report and the journal hold all of them.*
{{/if}}

<a id="not-examined"></a>

## Not examined

{{#if not_examined.author}}
As the author lists it:

{{#each not_examined.author}}
- {{this}}
{{/each}}
{{/if}}

{{#if not_examined.automatic}}
As the run left it:

{{#each not_examined.automatic}}
- {{#if anchor}}{{richLink anchor what}}{{#if iteration}}, round {{iteration}}{{/if}}{{else}}{{inline what}}{{/if}}: {{notExaminedWord why}}{{#if reason}}, {{code reason}}{{/if}}
{{/each}}
{{/if}}

{{#unless not_examined.author}}{{#unless not_examined.automatic}}
Every step of the runbook was run to its end, and the author lists nothing.
{{/unless}}{{/unless}}

<a id="environment"></a>

## Environment

{{#each environment.hosts}}
- Host {{code name}}: {{code facts.hostname}}, {{code facts.os}}, {{code facts.kernel}}, as {{code facts.user}} (uid {{facts.uid}}), boot {{code facts.bootId}}
{{/each}}
- casebook {{code casebook}}

{{#each environment.hosts}}
{{#if tools}}
| Tool | Version | Path |
| --- | --- | --- |
{{#each tools}}
| {{cell name}} | {{#if version}}{{cell version}}{{else}}not asked{{/if}} | {{cell path}} |
{{/each}}
{{/if}}
{{/each}}

{{#if environment.binaries}}
| Examined binary | SHA-256 | Step |
| --- | --- | --- |
{{#each environment.binaries}}
| {{cell path}} | {{cell sha256}} | {{link anchor step}} |
{{/each}}
{{/if}}

{{#if (entries inputs)}}
| Input | Value |
| --- | --- |
{{#each (entries inputs)}}
| {{cell name}} | {{cellJson value}} |
{{/each}}
{{/if}}

<a id="redactions"></a>

## Redactions

{{#each redactions}}
- Secret {{code secret}}: masked {{count count "time"}}
{{/each}}
{{#each redacted}}
- {{code kind}}: taken out of this report {{count count "time"}}; journal and evidence have it
{{/each}}
{{#unless (or redactions redacted)}}
Nothing was masked.
{{/unless}}

<a id="integrity"></a>

## Integrity

- Journal: {{count integrity.events "event"}}, hash of its head {{code integrity.journal_head}}
- Files: {{code integrity.manifest}} (${"`sha256sum -c manifest.sha256`"}, or ${"`casebook verify`"})
- Runbook: SHA-256 {{code runbook.sha256}}
{{#each runbook.uses}}
- It uses {{code file}}: SHA-256 {{code sha256}}, kept as {{code copy}}
{{/each}}

{{#if reproduce}}
<a id="reproduce"></a>

## Reproduce

{{fence reproduce "sh"}}

{{code (rerunOf this)}} runs the copy of the runbook in this case, whatever has become of the file.

{{#if secrets}}
Secrets are in no report: give {{#each secrets}}{{#unless @first}}, {{/unless}}{{code this}}{{/each}} anew, with ${"`-i NAME=@FILE`"} or in the environment.
{{/if}}
{{/if}}
`;
