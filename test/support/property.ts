/**
 * How many examples a property takes, times CASEBOOK_EXAMPLES, and from which seed; printed, so that a failure can be had
 * again.
 */
export function propertyOptions(name: string, usual = 300): { readonly numRuns: number; readonly seed: number } {
  const numRuns = usual * Number(process.env.CASEBOOK_EXAMPLES ?? 1);
  const seed = Number(process.env.CASEBOOK_SEED ?? Date.now() % 2 ** 31);
  console.log(`${name}: ${numRuns} examples, CASEBOOK_SEED=${seed}`);
  return { numRuns, seed };
}

/** Texts that try to leave their place: in Markdown, HTML, terminals, scripts of both directions. */
export const hostileTexts: readonly string[] = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "</code></pre></section><h1>owned</h1>",
  '" onmouseover="alert(1)',
  "![x](http://127.0.0.1/leak.png)",
  "[click](javascript:alert(1))",
  "<http://example.org>",
  "http://example.org/ www.example.org",
  "# heading",
  "- item",
  "1. item",
  "> quote",
  "```\nfence\n```",
  "~~~",
  "````",
  "`` ` ``",
  "| a | b |\n|---|---|\n| c | d |",
  "***bold*** _em_ ~~gone~~",
  "a\\|b \\` \\*",
  "&lt;b&gt; &#60;i&#62; &amp;",
  "===\n---",
  "    indented",
  "\ttab",
  "  two blanks  ",
  "\u00a0",
  "\u00a0no break, wide\u2003",
  "line\nbreak\r\nand\rreturn",
  "\u001b[31mred\u001b[0m \u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007",
  "\u202eevil\u202c \u200b \u2066x\u2069 \u{e0041}",
  "\u0000\u0007\u007f\u0085\u2028\u2029\ufeff",
  "\ud800 lone",
  "\ue0000\ue001",
  "{{constructor}} {{{x}}} {{> step}}",
  "$x$ $$y$$",
  "<!-- comment -->",
  '<a id="verdict"></a>',
  "]]> <![CDATA[ ?>",
  "",
  " ",
];
