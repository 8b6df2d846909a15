import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { kindsPage } from "../scripts/kinds-page.mjs";
import { cli } from "./support/casebook.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(text("package.json"));
const casebook = (...args: string[]): string => execFileSync(process.execPath, [cli(), ...args], { encoding: "utf8" });

const hint = "run `npm run generate`";

test("the committed JSON Schema is what the step kinds say", () => {
  expect(text("schema/runbook.schema.json") === casebook("schema"), hint).toBe(true);
});

test("the page of step kinds is what they say", () => {
  expect(text("docs/kinds.md") === kindsPage(casebook), hint).toBe(true);
});

test("the lock file names no registry, and pins every package by its digest, also those of other systems", () => {
  const { packages } = JSON.parse(text("package-lock.json"));
  for (const [path, entry] of Object.entries<Record<string, unknown>>(packages)) {
    expect(entry, path).not.toHaveProperty("resolved");
    if (path !== "") expect(entry, path).toHaveProperty("integrity");
  }
});

test("all versions are exact, and an installed casebook brings no other packages", () => {
  expect(manifest).not.toHaveProperty("dependencies");
  for (const version of Object.values(manifest.devDependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("the package holds the program, its licences, the schema, the runbooks and the documents, and nothing else", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const files: readonly string[] = JSON.parse(packed)[0].files.map(({ path }: { path: string }) => path);
  for (const file of [
    "dist/cli.js",
    "dist/THIRD-PARTY-LICENSES.txt",
    "schema/runbook.schema.json",
    "README.md",
    "LICENSE",
  ]) {
    expect(files).toContain(file);
  }
  const places = /^(dist\/|docs\/[^/]+\.md$|runbooks\/|schema\/|package\.json$|(README|CHANGELOG)\.md$|LICENSE$)/;
  expect(files.filter((file) => !places.test(file))).toEqual([]);
});

test("links between documents lead somewhere", () => {
  for (const page of [
    "README.md",
    "CONTRIBUTING.md",
    "docs/command-line.md",
    "docs/kinds.md",
    "docs/language.md",
    "docs/templates.md",
  ]) {
    for (const [, link] of text(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      expect(() => readFileSync(join(root, page, "..", link ?? "")), `${page}: ${link}`).not.toThrow();
    }
  }
});
