// Makes sure that this machine has the programs that a purpose needs: `node scripts/setup.mjs demo|test|bench`.
// Installs Debian packages when it may; else says once what is missing and how to install it.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** What proves that a package is there: a program, or a path that starts with a slash. */
const demo = [
  { package: "golang-go", proof: "go" },
  { package: "delve", proof: "dlv" },
  { package: "ripgrep", proof: "rg" },
  { package: "iproute2", proof: "ss" },
  { package: "strace", proof: "strace" },
];
const test = [
  ...demo,
  { package: "busybox-static", proof: "busybox" },
  { package: "gcc", proof: "gcc" },
  { package: "libc6-dev", proof: "/usr/include/stdio.h" },
  { package: "openssl", proof: "openssl" },
  { package: "python3-jsonschema", proof: "/usr/lib/python3/dist-packages/jsonschema" },
  { package: "git", proof: "git" },
  { package: "curl", proof: "curl" },
  { package: "procps", proof: "ps" },
  { package: "sudo", proof: "sudo" },
  { package: "tmux", proof: "tmux" },
  { package: "zsh", proof: "zsh" },
  { package: "fish", proof: "fish" },
  { package: "openssh-client", proof: "ssh" },
  { package: "openssh-server", proof: "sshd" },
  { package: "chromium", proof: "chromium" },
  { package: "redis-server", proof: "redis-server" },
  { package: "redis-tools", proof: "redis-cli" },
  { package: "nginx-light", proof: "nginx" },
  { package: "systemd", proof: "journalctl" },
  { package: "systemd-journal-remote", proof: "/lib/systemd/systemd-journal-remote" },
  { package: "golang-k8s-klog-dev", proof: "/usr/share/gocode/src/k8s.io/klog" },
  { package: "golang-go.uber-zap-dev", proof: "/usr/share/gocode/src/go.uber.org/zap" },
];
const bench = [
  ...demo,
  { package: "hyperfine", proof: "hyperfine" },
  { package: "openssh-client", proof: "ssh" },
  { package: "openssh-server", proof: "sshd" },
];
const purposes = { demo, test, bench };

const purpose = process.argv[2] ?? "";
if (!Object.hasOwn(purposes, purpose)) {
  console.error(`setup: expected one of ${Object.keys(purposes).join(", ")}, found "${purpose}"`);
  process.exit(64);
}
process.exitCode = setup(purposes[/** @type {keyof typeof purposes} */ (purpose)]);

/**
 * @param {readonly { package: string, proof: string }[]} needed
 * @returns {number} the exit code
 */
function setup(needed) {
  const missing = needed.filter(({ proof }) => !isThere(proof)).map((need) => need.package);
  if (missing.length === 0) return 0;
  const rights = rightsToInstall();
  if (rights === null) {
    console.error(
      `setup: ${purpose} needs programs that are not installed, and this user may not install them.\n` +
        `Install them, then try again:\n\n  sudo apt-get install --no-install-recommends ${missing.join(" ")}\n`,
    );
    return 69;
  }
  console.error(`setup: installing ${missing.join(" ")}`);
  const install = ["install", "--yes", "--quiet", "--no-install-recommends", ...missing];
  // Package lists may be absent (a fresh image) or old (a version that the mirror dropped).
  if (aptGet(rights, ["update", "--quiet"]) !== 0)
    console.error("setup: the package lists could not be renewed; trying with those at hand");
  const code = aptGet(rights, install);
  const still = needed.filter(({ proof }) => !isThere(proof));
  if (code === 0 && still.length === 0) return 0;
  console.error(
    `setup: apt-get ended with ${code}; still missing: ${still.map(({ proof, package: name }) => `${proof} (${name})`).join(", ") || "nothing"}`,
  );
  return still.length === 0 ? 0 : 69;
}

/**
 * What to put before apt-get, or null when it may not be used without asking.
 *
 * @returns {readonly string[] | null}
 */
function rightsToInstall() {
  if (!isThere("apt-get")) return null;
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : null;
}

/**
 * Nothing that a package installs may start serving on this machine: services are not wanted, only programs.
 *
 * @param {readonly string[]} rights
 * @param {readonly string[]} args
 */
function aptGet(rights, args) {
  const [program, ...rest] = [...rights, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", ...args];
  const { status, error } = spawnSync(/** @type {string} */ (program), rest, { stdio: ["ignore", 2, 2] });
  if (error) console.error(`setup: ${error.message}`);
  return status ?? 1;
}

/** @param {string} proof */
function isThere(proof) {
  if (proof.startsWith("/")) return existsSync(proof);
  return [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"].some((folder) => {
    try {
      accessSync(join(folder, proof), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}
