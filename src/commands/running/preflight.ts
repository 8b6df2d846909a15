import { baseTools, type FoundTool, findTools, type ToolReport } from "../../engine/preflight.js";
import { type Rights, readRights, tracingOf } from "../../engine/rights.js";
import { StepFailure, type Tool } from "../../model/step-kind.js";
import type { HostFacts, Target } from "../../model/target.js";
import { freeSpace } from "./free-space.js";
import type { Needs } from "./needs.js";

/** One thing that was looked at. `limited`: not there, or less than could be, and nothing that is needed. */
export interface Check {
  readonly about: "tools" | "rights" | "disk" | "clock";
  readonly state: "ok" | "limited" | "missing";
  /** One line: what was found. */
  readonly text: string;
  /** What to do about it, or null. */
  readonly remedy: string | null;
}

export interface Preflight {
  readonly checks: readonly Check[];
  /** Of the tools asked for, those that the host has. */
  readonly found: readonly FoundTool[];
  /** The rights of casebook's own user; null when they do not matter. */
  readonly rights: Rights | null;
}

/** What the check looks at. */
export interface Checked {
  readonly target: Target;
  readonly facts: HostFacts;
  readonly needs: Needs;
  /** Where the case goes, on this machine. */
  readonly place: string;
  /** Also what nothing asks for; else rights are read only where they matter. */
  readonly thorough: boolean;
}

/** Whether the host has what is needed, before anything runs; changes nothing. */
export async function preflight(checked: Checked, signal: AbortSignal): Promise<Preflight> {
  const { target, facts, needs, place, thorough } = checked;
  const base = baseTools.map((tool) => ({ tool, needed: true }));
  const wanted = [...base, ...needs.tools];
  const tools = await findTools(
    target,
    wanted.map(({ tool }) => tool),
    signal,
  );
  const named = new Set(needs.tools.flatMap(({ tool }) => tool.any));
  const matters = thorough || needs.traces.some(({ user }) => user === null);
  const rights = matters ? await readRights(target, signal) : null;
  return {
    checks: [
      ...wanted.flatMap((want) => toolCheck(want, tools, facts, !base.includes(want))),
      ...(thorough && rights !== null ? [identityCheck(rights)] : []),
      ...(await userChecks(checked, rights, signal)),
      await diskCheck(place),
    ],
    found: tools.found.filter(({ name }) => named.has(name)),
    rights,
  };
}

/** A tool of casebook's own is told only when it is missing. */
function toolCheck(
  { tool, needed }: Needs["tools"][number],
  report: ToolReport,
  facts: HostFacts,
  told: boolean,
): readonly Check[] {
  const names = tool.any.join(" or ");
  if (report.missing.includes(tool)) {
    const state = needed ? "missing" : "limited";
    return [{ about: "tools", state, text: `${names} is missing (${tool.why})`, remedy: installing(tool, facts) }];
  }
  const found = tool.any.map((name) => report.found.find((one) => one.name === name)).find((one) => one !== undefined);
  if (!told || found === undefined) return [];
  const version = found.version === null ? "" : `, ${found.version}`;
  return [{ about: "tools", state: "ok", text: `${found.name} (${tool.why}): ${found.path}${version}`, remedy: null }];
}

function installing({ packages: [first] }: Tool, { os }: HostFacts): string {
  if (first === undefined) return "install it on the host, or put its folder on the PATH";
  return /Debian|Ubuntu|Mint/.test(os) ? `apt-get install ${first}` : `install it on the host (Debian: ${first})`;
}

const identityCheck = ({ user, uid }: Rights): Check => ({
  about: "rights",
  state: uid === 0 ? "ok" : "limited",
  text: uid === 0 ? `works as ${user} (uid 0)` : `works as ${user} (uid ${uid}): processes of others are seen in part`,
  remedy: uid === 0 ? null : "say `become: true` in the steps that need more, or run casebook as root",
});

/** Whom casebook may become there, and what each may trace. */
async function userChecks(
  { target, needs }: Checked,
  own: Rights | null,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const users = needs.users.filter(({ user }) => user !== own?.user);
  const checks: Check[] = [];
  const known = new Map<string | null, Rights>();
  if (own !== null) known.set(null, own);
  for (const { user, needed } of users) {
    try {
      const rights = await readRights(target.as(user), signal);
      known.set(user, rights);
      checks.push({ about: "rights", state: "ok", text: `sudo -n: may become ${user}`, remedy: null });
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      checks.push({
        about: "rights",
        state: needed ? "missing" : "limited",
        text: error.message,
        remedy: error.remedy,
      });
    }
  }
  for (const want of needs.traces) {
    // Whom casebook may not become is told above; who it is already has its own rights.
    const rights = known.get(want.user) ?? (want.user === own?.user ? own : undefined);
    if (rights === undefined || rights === null) continue;
    const check = tracingCheck(want, rights);
    if (!checks.some(({ state, text }) => state === check.state && text === check.text)) checks.push(check);
  }
  return checks;
}

function tracingCheck({ traces, needed }: Needs["traces"][number], rights: Rights): Check {
  const { reach, why, remedy } = tracingOf(rights);
  const may = {
    any: "may trace any process",
    user: "may trace processes of the same user only",
    own: "may trace only programs that the tracer starts",
    none: "may trace no process",
  }[reach];
  const text = `${rights.user} ${may} (${why})`;
  const enough = reach === "any" || reach === "user" || (reach === "own" && traces === "own");
  if (!enough) return { about: "rights", state: needed ? "missing" : "limited", text, remedy };
  const wide = reach === "any" || traces === "own";
  return { about: "rights", state: wide ? "ok" : "limited", text, remedy: wide ? null : remedy };
}

/** Less than this holds no journal and no reports; less than the other no large capture. */
const mebibyte = 1024 * 1024;
const leastBytes = 2 * mebibyte;
const amplyBytes = 256 * mebibyte;

async function diskCheck(place: string): Promise<Check> {
  const { at, bytes, writable } = await freeSpace(place);
  if (!writable) {
    return {
      about: "disk",
      state: "missing",
      text: `${at}, where the case goes, may not be written by this user`,
      remedy: "give another place with --out DIR",
    };
  }
  const room =
    bytes === Number.POSITIVE_INFINITY ? "space without a limit" : `${Math.floor(bytes / mebibyte)} MiB free`;
  const text = `${room} at ${at}, where the case goes`;
  if (bytes >= amplyBytes) return { about: "disk", state: "ok", text, remedy: null };
  const state = bytes < leastBytes ? "missing" : "limited";
  return { about: "disk", state, text, remedy: "free some space, or give another place with --out DIR" };
}
