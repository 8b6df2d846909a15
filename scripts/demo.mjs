// Shows casebook at work: builds a Go program that opens a port of the kernel's choice, and asks the shipped runbook which code does it.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "./bundle.mjs";

const scratch = mkdtempSync(join(tmpdir(), "casebook-demo-"));
try {
  const source = join(root, "test", "fixtures", "random-port");
  const program = join(scratch, "random-port");
  // Without cgo no C compiler is needed; without optimisation the debugger sees every variable.
  const build = ["build", "-gcflags", "all=-N -l", "-o", program, "."];
  process.exitCode = run("go", build, { cwd: source, env: { ...process.env, CGO_ENABLED: "0" } });
  if (process.exitCode === 0) process.exitCode = await investigate(program, source);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * @param {string} program
 * @param {string} source
 */
async function investigate(program, source) {
  const ports = await freePorts(2);
  const command = [program, `-port=${ports[0]}`, `-read-only-port=${ports[1]}`];
  const inputs = {
    command: JSON.stringify(command),
    process: "random-port",
    known_ports: JSON.stringify(ports),
    ready_port: String(ports[0]),
    source,
  };
  const options = Object.entries(inputs).flatMap(([name, value]) => ["-i", `${name}=${value}`]);
  const runbook = join("runbooks", "go-random-port.yaml");
  return run(
    process.execPath,
    [join("dist", "cli.js"), "run", runbook, "--allow", "perturb", "--offline", ...options],
    {
      cwd: root,
    },
  );
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} options
 */
function run(program, args, options) {
  const { status, error } = spawnSync(program, args, { ...options, stdio: "inherit" });
  if (error) console.error(`demo: ${program} cannot be run: ${error.message}`);
  return status ?? 1;
}

/**
 * Ports of 127.0.0.1 that are free now.
 *
 * @param {number} count
 */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  /** @type {number[]} */
  const ports = [];
  for (const server of servers) {
    if (!server.listening) await once(server, "listening");
    const address = server.address();
    if (address !== null && typeof address === "object") ports.push(address.port);
  }
  for (const server of servers) server.close();
  return ports;
}
