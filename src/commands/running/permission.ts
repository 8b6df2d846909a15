import type { Plan } from "../../model/plan.js";
import { exceeds, type Risk } from "../../model/risk.js";
import { visibleLine } from "../../util/visible.js";
import { askToConfirm } from "../inputs/ask.js";
import type { Io } from "../io.js";

/**
 * The risk that a run may take: what was allowed if that suffices, what the plan needs if the person at the terminal agrees, else null,
 * with the steps in question named on standard error.
 */
export async function permittedRisk(
  io: Io,
  plan: Pick<Plan, "steps" | "risk">,
  allowed: Risk,
  mayAsk: boolean,
): Promise<Risk | null> {
  const beyond = plan.steps.filter(({ risk }) => exceeds(risk, allowed));
  if (beyond.length === 0) return allowed;
  const steps = beyond.map(({ file, line, kind, key, title, risk, changes }) => {
    const what = changes.map((change) => visibleLine(change.what)).join("; ");
    const named = title === null ? key : `${key} – ${visibleLine(title)}`;
    const where = file === null ? "" : `${visibleLine(file)} `;
    return `  ${where}line ${line}: ${kind} [${risk}] ${named}${what === "" ? "" : `: ${what}`}\n`;
  });
  io.stderr.write(`casebook: these steps do more than "${allowed}", which is what is allowed:\n${steps.join("")}`);
  if (mayAsk && (await askToConfirm(io, `Allow "${plan.risk}" for this run?`))) return plan.risk;
  io.stderr.write(`casebook: nothing ran; to run it: --allow ${plan.risk}\n`);
  return null;
}
