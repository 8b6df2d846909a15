import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { describe, expect, test } from "vitest";
import { foldReport } from "../../src/report/fold.js";
import { blockOf } from "../../src/report/markdown/blocks.js";
import { codeCell, codeSpan, escapeText, fenced } from "../../src/report/markdown/escape.js";
import { markdownLimit, renderMarkdown } from "../../src/report/markdown/render.js";
import { blocksOf, inlineOf } from "../../src/report/markdown/rich-text.js";
import { compile } from "../../src/report/text/compile.js";
import { visible, visibleLine } from "../../src/util/visible.js";
import { poisoned } from "../support/poisoned.js";
import { hostileTexts, propertyOptions } from "../support/property.js";
import { largeCase, rich, sampleCase, sampleKinds } from "../support/sample-events.js";

/** A reader that takes more than it should: HTML and bare links are on. */
const reader = new MarkdownIt("default", { html: true, linkify: true });

const text = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        "*",
        "_",
        "`",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "|",
        "#",
        "-",
        "+",
        "1.",
        "\\",
        "&amp;",
        "~",
        " ",
        "\n",
        "a",
        "http://x.org",
        "$",
        "=",
        "!",
      ),
      { maxLength: 24 },
    )
    .map((parts) => parts.join("")),
);

const inlineText = (markdown: string): string => {
  const [token] = reader.parseInline(markdown, {});
  const kinds = (token?.children ?? []).map(({ type }) => type);
  expect(new Set(kinds)).toEqual(new Set(kinds.filter((type) => type === "text")));
  return (token?.children ?? []).map(({ content }) => content).join("");
};

const blockTypes = (markdown: string): readonly string[] => reader.parse(markdown, {}).map(({ type }) => type);

describe("texts in Markdown", () => {
  test("an escaped text shows exactly its characters and nothing else", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(inlineText(escapeText(value))).toBe(visibleLine(value));
      }),
      propertyOptions("escapeText", 1000),
    );
  });

  test("an escaped text at the beginning of a line opens no block", () => {
    fc.assert(
      fc.property(text, (value) => {
        const types = blockTypes(`before\n\n${escapeText(value)}\n\nafter`);
        const paragraph = ["paragraph_open", "inline", "paragraph_close"];
        expect(types).toEqual([...paragraph, ...(visibleLine(value) === "" ? [] : paragraph), ...paragraph]);
      }),
      propertyOptions("escapeText in a block", 1000),
    );
  });

  test("a code span shows exactly its characters, in a table, too", () => {
    fc.assert(
      fc.property(text, (value) => {
        const shown = visibleLine(value);
        if (shown === "") return;
        const [span] = reader.parseInline(codeSpan(value), {})[0]?.children ?? [];
        expect([span?.type, span?.content]).toEqual(["code_inline", shown]);
        const cells = reader
          .parse(`| a | b |\n| --- | --- |\n| ${codeCell(value)} | ${escapeText(value)} |`, {})
          .filter(({ type }) => type === "inline")
          .slice(2);
        expect(cells).toHaveLength(2);
        expect(cells[0]?.children?.[0]?.content).toBe(shown);
        expect((cells[1]?.children ?? []).map(({ content }) => content).join("")).toBe(shown);
      }),
      propertyOptions("code", 1000),
    );
  });

  test("a fence is longer than any run of backticks inside", () => {
    fc.assert(
      fc.property(text, (value) => {
        const tokens = reader.parse(`${fenced(value, "text")}\n\nafter`, {});
        expect(tokens.map(({ type }) => type)).toEqual(["fence", "paragraph_open", "inline", "paragraph_close"]);
        expect(tokens[0]?.content).toBe(`${visible(value).replace(/\n$/, "")}\n`);
      }),
      propertyOptions("fence", 1000),
    );
  });

  test("a value in a note is text wherever it stands", () => {
    const note = "# {}\n\nSee {} and `{}`:\n\n- {}\n- **{}**\n\n> {}\n\n```\n{}\n```\n";
    const blocksFor = (value: string): readonly string[] =>
      blockTypes(blocksOf(rich(note, value, value, value, value, value, value, value)));
    const expected = blocksFor("value");
    fc.assert(
      fc.property(text, (value) => {
        if (value.trim() === "" || visibleLine(value) === "") return;
        expect(blocksFor(value)).toEqual(expected);
      }),
      propertyOptions("notes"),
    );
  });
});

describe("an author's Markdown", () => {
  test("keeps its lists, code, quotes and tables", () => {
    const written =
      "A *b* **c** `d` ~~e~~.\n\n1. one\n2. two\n   - three\n\n> quoted\n\n```go\nx := 1\n```\n\n| a | b |\n| --- | --- |\n| 1 | `x\\|y` |";
    expect(blocksOf(rich(written))).toBe(written);
  });

  test("has no headings, images, HTML or links but http(s)", () => {
    expect(blocksOf(rich("## Known\n\n![alt](http://x.org/y.png) [a](ftp://x.org) [b](https://x.org) <b>"))).toBe(
      "**Known**\n\nalt a [b](<https://x.org>) \\<b\\>",
    );
  });

  test("a link's address may be a value, if it is one of the web", () => {
    expect(inlineOf(rich("[issue]({})", "https://x.org/1?a=b c"))).toBe("[issue](<https://x.org/1?a=b%20c>)");
    expect(inlineOf(rich("[issue]({})", "javascript:alert(1)"))).toBe("issue");
    expect(inlineOf(rich("[issue](https://x.org/{})", "../<x>"))).toBe("[issue](<https://x.org/..%2F%3Cx%3E>)");
  });
});

/** Headings, tables, links and raw HTML of a page: what hostile texts must not add to. */
function structure(page: string): readonly string[] {
  const found: string[] = [];
  for (const token of reader.parse(page, {})) {
    if (/^(heading_open|table_open|hr|html_block)$/.test(token.type)) found.push(`${token.type} ${token.tag}`);
    for (const child of token.children ?? []) {
      if (/^(link_open|image|html_inline)$/.test(child.type))
        found.push(`${child.type} ${child.attrGet("href") ?? child.content}`);
    }
  }
  return found;
}

describe("the Markdown page", () => {
  test("has its sections in their order, and each link leads to an anchor", async () => {
    const { events, evidence } = sampleCase();
    const page = renderMarkdown(await foldReport(events, sampleKinds, evidence));
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      "Verdict",
      "State of the host",
      "Question",
      "Timeline",
      "Steps",
      "Not examined",
      "Environment",
      "Redactions",
      "Integrity",
      "Reproduce",
    ]);
    const anchors = new Set([...page.matchAll(/<a id="([^"]+)">/g)].map(([, anchor]) => anchor));
    for (const [, target] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(target);
  });

  test("says which secrets a run needs again", async () => {
    const { events, evidence } = sampleCase();
    const report = await foldReport(events, sampleKinds, evidence);
    const page = renderMarkdown(report);
    expect(page.slice(page.indexOf("## Reproduce"))).toContain("give `token` anew, with `-i NAME=@FILE`");
    const without = renderMarkdown({ ...report, secrets: [] });
    expect(without.slice(without.indexOf("## Reproduce"))).not.toContain("Secrets");
  });

  test("keeps its structure whatever the machine said", async () => {
    const { events, evidence } = sampleCase();
    const report = await foldReport(events, sampleKinds, evidence);
    const expected = structure(renderMarkdown(poisoned(report, "value")));
    for (const value of hostileTexts.filter((each) => each.trim() !== "")) {
      expect(structure(renderMarkdown(poisoned(report, value)))).toEqual(expected);
    }
  });

  test("stays below its limit, shortens outputs first and says so", async () => {
    const { events, evidence } = largeCase(40, 200);
    const report = await foldReport(events, sampleKinds, evidence);
    const page = renderMarkdown(report);
    expect(page.length).toBeLessThanOrEqual(markdownLimit);
    expect(page).toContain("Long outputs are shortened here");
    expect(page).toContain("left out");
    for (const { key } of report.steps) expect(page).toContain(`<a id="step-${key}"></a>`);
  });

  test("stays below its limit with more steps than it could name", async () => {
    const { events, evidence } = largeCase(3000, 3);
    const page = renderMarkdown(await foldReport(events, sampleKinds, evidence));
    expect(page.length).toBeLessThanOrEqual(markdownLimit);
    expect(page).toMatch(/steps not shown here/);
    expect(page).toContain("## Reproduce");
  });

  test("stays below its limit even when authors write without end", async () => {
    const { events, evidence } = sampleCase();
    const report = await foldReport(events, sampleKinds, evidence);
    const page = renderMarkdown({ ...report, question: rich(`${"```\nlong\n```\n\nwords ".repeat(9000)}`) });
    expect(page.length).toBeLessThanOrEqual(markdownLimit);
    expect(page).toContain("The rest is left out");
    expect(blockTypes(page).at(-1)).toBe("paragraph_close");
  });

  test("renders a template of one's own with the same escaping", async () => {
    const { events, evidence } = sampleCase();
    const report = await foldReport(events, sampleKinds, evidence);
    const template = compile('{{user}} {{code user}} {{count steps.length "step"}}');
    const page = renderMarkdown(poisoned(report, "*x*"), { template });
    expect(page).toBe("\\*x\\* `*x*` 8 steps\n");
  });
});

test("a folded stack stays behind its title, which stays one line of text whatever it holds", () => {
  const frames = [{ function: "main.`x`", file: "/a/main.go", line: 3, marked: true }];
  const block = { type: "stack", anchor: "s1", frames, omitted_frames: 2, folded: true } as const;
  for (const title of ["Stack of hit 1", ...hostileTexts]) {
    const html = reader.render(blockOf({ ...block, title }));
    const [head = "", rest = ""] = html.split("</summary>");
    expect(head).toMatch(/^<p><a id="s1"><\/a><\/p>\n<details><summary>[^<>\n]*, 3 frames$/);
    expect(rest).toMatch(/^\n<pre><code class="language-text">▶ main\.`x`\n[^<]*<\/code><\/pre>\n<\/details>\s*$/);
  }
});
