import { isInstalled, processes } from "./measure.mjs";
import { cli, runbookOf } from "./workshop.mjs";

/**
 * How long whole processes take that do little.
 *
 * @type {import("./table.mjs").Measure}
 */
export function* start({ folder, write }) {
  const small = write("small.yaml", runbookOf("- run: 'true'"));
  const commands = ["node -e 0", `node ${cli} --version`, `node ${cli} check ${small}`];
  const [node = 0, version = 0, check = 0] = processes(folder, 30, ...commands);
  const unit = "ms";
  yield { work: "casebook --version", figure: version, unit, peerName: "node -e 0", peer: node, budget: 1.5 };
  yield { work: "check of a small runbook", figure: check, unit, peerName: "node -e 0", peer: node, budget: 3.5 };

  const playbook = write("small-playbook.yaml", "- hosts: localhost\n  tasks:\n    - command: 'true'\n");
  const command = `ansible-playbook --syntax-check ${playbook}`;
  const peer = isInstalled("ansible-playbook") ? (processes(folder, 5, command)[0] ?? null) : null;
  const peerName = "ansible-playbook --syntax-check";
  yield { work: "check of a small runbook", figure: check, unit, peerName, peer, budget: 0.35 };
}
