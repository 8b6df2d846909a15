import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { medians, time } from "./measure.mjs";
import { runbookOf } from "./workshop.mjs";

/**
 * A gibibyte of output with nothing to mask. The time that its SHA-256 takes is not counted.
 *
 * @type {import("./table.mjs").Measure}
 */
export async function* capture({ folder, write, run }) {
  const produce = "head -c 1G /dev/zero";
  const full = write("capture.yaml", runbookOf(`- run: ${produce}`));
  const empty = write("no-output.yaml", runbookOf(`- run: ${produce} > /dev/null`));
  const file = join(folder, "zeros");
  const peak = { full: 0, empty: 0 };
  const found = await medians(3, {
    redirect: () => time(() => execFileSync("sh", ["-c", `${produce} > ${file}`])),
    hash: () => time(() => hash(file)),
    full: () => {
      rmSync(file);
      const made = run(full);
      rmSync(made.folder, { recursive: true });
      peak.full = Math.max(peak.full, made.peak);
      return made.milliseconds;
    },
    empty: () => {
      const made = run(empty);
      peak.empty = Math.max(peak.empty, made.peak);
      return made.milliseconds;
    },
  });
  const figure = found.full - found.hash;
  yield {
    work: "capture 1 GiB, its hash not counted",
    figure,
    unit: "ms",
    peerName: "> file",
    peer: found.redirect,
    budget: 1.2,
  };
  const above = Math.max(0, peak.full - peak.empty);
  yield { work: "its memory above no output", figure: above, unit: "MiB", peerName: "allowed", peer: 64, budget: 1 };
}

/** @param {string} path */
function hash(path) {
  const sum = createHash("sha256");
  const chunk = Buffer.allocUnsafe(1024 * 1024);
  const descriptor = openSync(path, "r");
  for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk))
    sum.update(chunk.subarray(0, read));
  closeSync(descriptor);
  return sum.digest("hex");
}
