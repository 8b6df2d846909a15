/** The parts of the Markdown page that occur in several places, and in steps within steps. */
export const markdownPartials: Readonly<Record<string, string>> = {
  ground: `{{#if expectation}}{{link anchor (expectationName this)}} of {{inline title}} – {{code that}} {{holdsWord holds}}{{else}}{{richLink anchor title}}{{/if}}{{#each seen}}, {{code path}} = {{json value}}{{/each}}{{#with line}}; [{{label}}](#{{this.block}}): {{codeCut text}}{{/with}}`,
  step: `<a id="{{anchor}}"></a>

{{#if (bareNote this)}}
{{prose note}}
{{else}}
{{heading depth}} {{number}} {{inline title}}{{#if iteration}} – round {{iteration}}{{/if}} – {{stepMark status}}

{{code kind}} · {{code key}}{{#if risk}} · {{risk}}{{#if risk_declared}} (declared){{/if}}{{/if}}{{#if (known offset)}} · {{offset offset}}{{/if}}{{#if (known milliseconds)}} · took {{duration milliseconds}}{{/if}}{{#with taken}} · taken: observed {{moment started_at}} UTC in {{duration milliseconds}}{{/with}}
{{/if}}

{{#if iteration}}
Element: {{json item}}
{{/if}}

{{#if reason}}
{{reasonWord status}}: {{code reason}}
{{/if}}

{{#if remedy}}
What to do: {{code remedy}}
{{/if}}

{{#if without_rounds}}
No rounds: its list was empty.
{{/if}}

{{#if note}}
{{#unless (bareNote this)}}
{{prose note}}
{{/unless}}
{{/if}}

{{#if (retried attempts)}}
| Attempt | Outcome | Took | Why |
| --- | --- | --- | --- |
{{#each attempts}}
| {{attempt}} | {{stepMark outcome}} | {{duration milliseconds}} | {{cell reason}} |
{{/each}}
{{/if}}

{{#each (repeatedCommands commands)}}
{{command text}}

{{endedWords this}} on {{code host}}{{#if user}} as {{code user}}{{/if}}{{#if (wasCut this)}}; not all of its output was kept{{/if}}

{{/each}}
{{#if opened}}
While it was open:

{{facts opened}}
{{/if}}

{{#each blocks}}
{{block this}}

{{/each}}
{{#if expectations}}
| Expectation | | Condition | Values seen | Bears on |
| --- | --- | --- | --- | --- |
{{#each expectations}}
| <a id="{{anchor}}"></a>{{name}} | {{expectationMark state}} | {{cell that}} | {{#each seen}}{{#unless @first}}, {{/unless}}{{cell path}} = {{cellJson value}}{{/each}}{{#if because}}{{#if seen}}; {{/if}}{{cell because}}{{/if}} | {{#each supports}}{{#unless @first}}, {{/unless}}supports {{this}}{{/each}}{{#if supports}}{{#if refutes}}, {{/if}}{{/if}}{{#each refutes}}{{#unless @first}}, {{/unless}}refutes {{this}}{{/each}} |
{{/each}}

{{#each expectations}}
{{#if (said this)}}
{{prose says}}

{{/if}}
{{/each}}
{{/if}}

{{#if rests_on}}
Its answer rests on:

{{#each rests_on}}
- {{> ground}}
{{/each}}
{{/if}}

{{#if saved}}
| Saved | Value | From |
| --- | --- | --- |
{{#each saved}}
| {{cell name}} | {{cellJson value}} | {{#if expression}}{{cell expression}}{{else}}the result of this step{{/if}} |
{{/each}}
{{/if}}

{{#if (otherEvidence this)}}
Evidence: {{#each (otherEvidence this)}}{{#unless @first}}, {{/unless}}{{evidenceName this}}{{/each}}
{{/if}}

{{#each rounds}}
{{> step}}
{{/each}}
{{#each during}}
{{> step}}
{{/each}}
`,
};
