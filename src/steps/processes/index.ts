import * as z from "zod";
import { hasName } from "../../linux/by-name.js";
import { parseProcesses, processesCommand } from "../../linux/processes.js";
import type { EvidenceRef } from "../../model/evidence.js";
import { pid } from "../../model/fields.js";
import { time } from "../../model/result-fields.js";
import { type StepContext, StepFailure, type StepKind } from "../../model/step-kind.js";
import { compileRe2 } from "../../util/re2.js";
import { re2 } from "../pattern.js";
import { describeFilter, tableBlock } from "../rows.js";

const spec = z.strictObject({
  name: z.string().min(1).optional().describe("The kernel's name for it, which `ps -o comm` shows."),
  pid: pid().optional().describe("This process alone."),
  matching: re2().optional().describe("RE2 pattern that its command line matches anywhere."),
});

type ProcessesSpec = z.infer<typeof spec>;

const result = z.strictObject({
  processes: z
    .array(
      z
        .strictObject({
          pid: z.int(),
          ppid: z.int(),
          user: z.string(),
          name: z.string(),
          command: z.string(),
          state: z.string(),
          cpu_seconds: z.number(),
          rss_bytes: z.int(),
          started_at: time(),
          executable: z.string().nullable(),
        })
        .readonly(),
    )
    .readonly(),
});

type ProcessesResult = z.infer<typeof result>;

interface Listed {
  readonly stdout: EvidenceRef | null;
  readonly stderr: EvidenceRef | null;
}

async function observe(spec: ProcessesSpec, context: StepContext): Promise<Listed> {
  const stdout = context.capture("stdout");
  const stderr = context.capture("stderr");
  const argv = processesCommand(spec.pid ?? null);
  const exit = await context.target.run({ argv }, { stdout, stderr }, context.signal);
  const observed = { stdout: await stdout.close(), stderr: await stderr.close() };
  if (exit.code === 0) return observed;
  throw new StepFailure(`reading the processes from /proc ended with ${exit.signal ?? `exit code ${exit.code}`}`, {
    observed,
  });
}

/** The processes of the host. */
export const processes: StepKind<ProcessesSpec, Listed, ProcessesResult> = {
  name: "processes",
  doc:
    "The processes of the host, or those that a name, a pid or a pattern on the command line chooses; read from /proc. That there are " +
    "none is an answer, and no failure. What casebook itself runs to read them is left out.",
  example: `processes: { matching: 'kubelet.*--config' }
save:
  pid: only(result.processes).pid`,
  spec,
  result,
  normalise: (written) => written ?? {},
  outline: (written) => ({
    risk: "observe",
    tools: [],
    commands: [`read /proc/*/{stat,status,exe,cmdline}${describeFilter(written)}`],
    changes: [],
  }),
  observe,
  readWith: ["name", "matching"],
  async read({ name, matching }, observed, evidence) {
    if (observed.stdout === null) return { processes: [] };
    const all = await parseProcesses(evidence.stream(observed.stdout.path));
    const compiled = matching === undefined ? null : compileRe2(matching);
    if (compiled?.ok === false) throw new StepFailure(`expected an RE2 pattern in matching: ${compiled.message}`);
    return {
      processes: all.filter(
        (process) =>
          (name === undefined || hasName(process.name, name)) &&
          (compiled === null || compiled.re2.test(process.command)),
      ),
    };
  },
  view: (_, { processes }) => [
    tableBlock(
      ["pid", "ppid", "user", "name", "command", "state", "cpu seconds", "rss bytes", "started", "executable"],
      processes.map((process) => Object.values(process)),
    ),
  ],
};
