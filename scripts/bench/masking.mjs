import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { medians, time } from "./measure.mjs";
import { runbookOf } from "./workshop.mjs";

/**
 * Output in which secrets are looked for.
 *
 * @type {import("./table.mjs").Measure}
 */
export async function* masking({ folder, write, run }) {
  const secret = "inputs: { token: { secret: true } }\n";
  /** @param {string} command */
  const runbook = (command) => write("masking.yaml", `${runbookOf(`- run: ${command}`)}${secret}`);
  /** @param {string} command */
  const masked = (command) => {
    const made = run(runbook(command), "-i", "token=0123456789abcdef");
    rmSync(made.folder, { recursive: true });
    return made;
  };
  const produce = (/** @type {string} */ size) => `head -c ${size} /dev/zero`;
  const file = join(folder, "teed");
  const large = { peak: 0 };
  const found = await medians(3, {
    tee: () => time(() => execFileSync("sh", ["-c", `${produce("1G")} | tee ${file} > /dev/null; rm ${file}`])),
    masked: () => {
      const made = masked(produce("1G"));
      large.peak = Math.max(large.peak, made.peak);
      return made.milliseconds;
    },
  });
  yield {
    work: "capture 1 GiB, masking",
    figure: found.masked,
    unit: "ms",
    peerName: "tee",
    peer: found.tee,
    budget: 2.5,
  };
  const none = masked("true").peak;
  const small = masked(produce("64M")).peak;
  const above = Math.max(0, large.peak - none);
  yield { work: "its memory above no output", figure: above, unit: "MiB", peerName: "allowed", peer: 100, budget: 1 };
  yield {
    work: "its memory",
    figure: large.peak,
    unit: "MiB",
    peerName: "the same of 64 MiB",
    peer: small,
    budget: 1.25,
  };
}
