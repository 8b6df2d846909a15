import type { Diagnostic, Result } from "../model/diagnostic.js";
import { isJsonObject } from "../model/json.js";
import type { Runbook, VerdictRule } from "../model/runbook.js";
import type { StepKinds } from "../model/step-kind.js";
import { readAmount } from "./amount.js";
import { checkUser } from "./become.js";
import { parseYaml } from "./document.js";
import { draftSteps } from "./draft.js";
import { loadInputs } from "./load-inputs.js";
import { type Defaults, loadSteps } from "./load-step.js";
import {
  entries,
  items,
  keyNode,
  type Loading,
  readAs,
  readCondition,
  readKeys,
  readRich,
  refuse,
  under,
} from "./loading.js";
import { checkName, Namespace } from "./names.js";
import { type LoadedUse, noFiles, type RunbookFiles } from "./runbook-files.js";
import { defaultsKeys, durationForm, hypothesisText, runbookKeys, verdictKeys } from "./shape.js";
import type { Part } from "./shape-check.js";
import { openSource } from "./source.js";
import { rangeOf, readTree } from "./tree.js";

/**
 * Reads a runbook and checks all that can be known before it runs: YAML, shapes, names, conditions, templates. Every
 * mistake of the file is in the diagnostics, in the order of the text, then those of the runbooks that it uses; `file` is used in
 * places, and to find these.
 */
export function loadRunbook(
  text: string,
  file: string,
  kinds: StepKinds,
  files: RunbookFiles = noFiles,
): Result<Runbook> {
  const uses = new Map<string, LoadedUse>();
  const load = (
    opened: { readonly file: string; readonly text: string; readonly identity: string },
    around: Chain,
  ): LoadedUse => {
    const chain = [...around, { file: opened.file, identity: opened.identity }];
    const loadUse: Loading["loadUse"] = (used) => {
      const known = uses.get(used.identity);
      if (known !== undefined) return known;
      const loaded = load(used, chain);
      uses.set(used.identity, loaded);
      return loaded;
    };
    return loadFile(opened, { kinds, files, chain, loadUse });
  };
  const { runbook, diagnostics } = load({ file, text, identity: files.identity }, []);
  const all = [...diagnostics, ...[...uses.values()].flatMap((used) => used.diagnostics)];
  return all.length === 0 && runbook !== null ? { ok: true, value: runbook } : { ok: false, diagnostics: all };
}

type Chain = Loading["chain"];

function loadFile(
  { file, text }: { readonly file: string; readonly text: string },
  around: Pick<Loading, "kinds" | "files" | "chain" | "loadUse">,
): LoadedUse {
  const source = openSource(file, text);
  const names = new Namespace();
  const secrets = new Set<string>();
  const parsed = parseYaml(source, 'a runbook, which begins with "casebook: 1"');
  const { beginning } = parsed;
  const root = parsed.root ?? beginning?.root ?? null;
  if (root === null) return { runbook: null, names, secrets, diagnostics: parsed.diagnostics };
  const tree = readTree(root, source);
  const loading: Loading = {
    tree,
    ...around,
    kindNames: [...around.kinds.keys()],
    names,
    secrets,
    hypotheses: [],
    diagnostics: [],
    types: { result: new Map(), opened: new Map(), filled: new Map(), row: new Map() },
  };
  const runbook = loadTop(loading, { node: tree.root, value: tree.value }, { file, text });
  const meant = [...tree.diagnostics, ...loading.diagnostics].filter(({ code, place }) => {
    if (place === undefined || parsed.isBroken(place)) return place === undefined && beginning === null;
    return beginning === null || (place.end.offset <= beginning.end && !needsTheRest.has(code));
  });
  const diagnostics = [...parsed.diagnostics, ...meant];
  return { runbook: diagnostics.length === 0 ? runbook : null, names, secrets, diagnostics: inOrder(diagnostics) };
}

/** Mistakes that what comes later in the file could clear up. */
const needsTheRest: ReadonlySet<string> = new Set([
  "missing-key",
  "missing-choices",
  "missing-during",
  "no-kind",
  "unknown-name",
  "name-too-early",
  "unknown-hypothesis",
  "unknown-step",
  "unreachable-rule",
]);

/** By place; a mistake that two passes found is said once. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const said = new Set<string>();
  return diagnostics
    .filter(({ place, message }) => {
      const key = `${place?.start.offset} ${message}`;
      return said.has(key) ? false : said.add(key);
    })
    .sort((left, right) => (left.place?.start.offset ?? 0) - (right.place?.start.offset ?? 0));
}

const requiredKeys = ["casebook", "title", "steps"];

function loadTop(loading: Loading, part: Part, from: { readonly file: string; readonly text: string }): Runbook | null {
  const keys = readKeys(loading, part, runbookKeys, { required: requiredKeys });
  const inputs = keys.inputs === undefined ? [] : loadInputs(loading, under(part, "inputs"));
  const defaults = keys.defaults === undefined ? { timeout: null } : loadDefaults(loading, under(part, "defaults"));
  const drafts = keys.steps === undefined ? [] : draftSteps(loading, under(part, "steps"), { count: 0 });
  const title = keys.title === undefined ? null : readRich(loading, under(part, "title"));
  const question = keys.question === undefined ? null : readRich(loading, under(part, "question"));
  const hypotheses = entries(under(part, "hypotheses")).flatMap(([name, text]) => {
    if (keys.hypotheses === undefined) return [];
    const bad = checkName(name, loading.tree.source.place(...rangeOf(keyNode(under(part, "hypotheses"), name))));
    if (bad !== null) loading.diagnostics.push(bad);
    loading.hypotheses.push(name);
    if (readAs(loading, text, hypothesisText, name) === undefined) return [];
    const rich = readRich(loading, text);
    return rich === null ? [] : [{ name, text: rich }];
  });
  const notExamined = keys.not_examined === undefined ? [] : items(under(part, "not_examined"));
  const leftOut = notExamined.map((text) => readRich(loading, text)).filter((text) => text !== null);
  const steps = loadSteps(loading, drafts, { defaults, instruments: [] });
  const verdict = keys.verdict === undefined ? null : loadVerdict(loading, under(part, "verdict"));
  if (title === null) return null;
  return {
    ...from,
    title,
    question,
    about: keys.about ?? null,
    tags: keys.tags ?? [],
    inputs,
    hypotheses,
    steps,
    verdict,
    notExamined: leftOut,
  };
}

function loadDefaults(loading: Loading, part: Part): Defaults {
  const { timeout, ...defaults } = readKeys(loading, part, defaultsKeys);
  checkUser(loading, part, defaults.become);
  return {
    ...defaults,
    timeout: timeout === undefined ? null : readAmount(loading, under(part, "timeout"), durationForm),
  };
}

function loadVerdict(loading: Loading, list: Part): readonly VerdictRule[] {
  let last: number | null = null;
  return items(list).map((part) => {
    const keys = readKeys(loading, part, verdictKeys, { required: ["answer"], what: "a rule, a map with an answer" });
    const place = loading.tree.source.place(...rangeOf(part.node));
    if (last !== null && isJsonObject(part.value)) {
      const message = `this rule is never reached: the one on line ${last} has no "when"`;
      refuse(loading, "unreachable-rule", message, part.node, 'give that one a "when", or move it to the end');
    } else if (isJsonObject(part.value) && !Object.hasOwn(part.value, "when")) last = place.start.line;
    if (keys.answer?.includes("{{") === true) {
      const message = "expected a name, found a mustache, which nothing fills in here";
      refuse(loading, "bad-mustache", message, under(part, "answer").node, 'values go into "says"');
    }
    return {
      answer: keys.answer ?? "",
      when: keys.when === undefined ? null : readCondition(loading, under(part, "when"), "condition").condition,
      says: keys.says === undefined ? null : readRich(loading, under(part, "says")),
      advice: keys.advice === undefined ? null : readRich(loading, under(part, "advice")),
      place,
    };
  });
}
