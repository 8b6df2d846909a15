import { execFileSync } from "node:child_process";
import { execa } from "execa";
import { isInstalled, medians, time, timeAsync } from "./measure.mjs";
import { runbookOf } from "./workshop.mjs";

const count = 500;

/**
 * Short steps on this machine, journal and evidence included.
 *
 * @type {import("./table.mjs").Measure}
 */
export async function* steps({ write, run }) {
  const file = write("steps.yaml", runbookOf(...Array.from({ length: count }, () => "- run: 'true'")));
  const found = await medians(5, {
    steps: () => run(file).milliseconds,
    bash: () => time(() => execFileSync("bash", ["-c", `for i in $(seq ${count}); do sh -c true; done`])),
    execa: () => timeAsync(withExeca),
  });
  const row = { work: `${count} local steps`, figure: found.steps, unit: "ms" };
  yield { ...row, peerName: "bash loop of sh -c true", peer: found.bash, budget: 2 };
  yield { ...row, peerName: "execa loop of sh -c true", peer: found.execa, budget: 0.6 };
  yield {
    ...row,
    peerName: "Ansible's command",
    peer: isInstalled("ansible-playbook") ? ansible(write) : null,
    budget: 0.05,
  };
}

async function withExeca() {
  for (let index = 0; index < count; index++) await execa("sh", ["-c", "true"]);
}

/**
 * From two lengths of a playbook, so that its start does not count.
 *
 * @param {import("./workshop.mjs").Workshop["write"]} write
 */
function ansible(write) {
  const [few = 0, more = 0] = [5, 25].map((tasks) => {
    const list = "    - command: 'true'\n".repeat(tasks);
    const playbook = write(`tasks-${tasks}.yaml`, `- hosts: localhost\n  gather_facts: false\n  tasks:\n${list}`);
    const args = ["--connection", "local", "--inventory", "localhost,", playbook];
    return time(() => execFileSync("ansible-playbook", args, { stdio: "ignore" }));
  });
  return ((more - few) / 20) * count;
}
