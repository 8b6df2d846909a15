import { collect } from "../../linux/collect.js";
import { readSockets } from "../../linux/sockets.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Address, Target } from "../../model/target.js";

/**
 * A Delve without --accept-multiclient takes one client and leaves with it; a program that it started is then killed. Whoever connects
 * to learn that is that one client already, so the command line of who listens there is looked at.
 * @throws StepFailure when it is such a Delve, or at a TCP port none at all
 */
export async function refuseSingleClient(
  text: string,
  address: Address,
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  const pid = await ("port" in address
    ? holderOfPort(address.port, target, signal)
    : holderOfPath(address.path, target, signal));
  if (pid === null) return;
  const [name = "", ...words] = await commandLine(pid, target, signal);
  if (!words.includes("--headless") && !words.includes("--headless=true")) {
    // A socket in the file system may be another program's way to a Delve elsewhere.
    if ("path" in address) return;
    throw new StepFailure(`expected a headless Delve at ${text}, found ${name} (process ${pid})`);
  }
  if (words.some((word) => word === "--accept-multiclient" || word === "--accept-multiclient=true")) return;
  throw new StepFailure(
    `the Delve at ${text} (process ${pid}) serves one client, and leaves when that leaves, which may kill its program`,
    { remedy: "start it with --accept-multiclient" },
  );
}

async function holderOfPort(port: number, target: Target, signal: AbortSignal): Promise<number | null> {
  const sockets = await readSockets(target, { port, protocol: "tcp", state: "listening" }, signal);
  return sockets.find(({ pid }) => pid !== null)?.pid ?? null;
}

/** Flags 10000: it listens. Those who hold one that others have connected to are not meant. */
const holderScript = `
while read -r num references protocol flags type state inode path; do
  [ "$flags" = 00010000 ] && [ "$path" = "$1" ] || continue
  find /proc/[0-9]*/fd -lname "socket:\\[$inode\\]" 2>/dev/null | cut -d/ -f3 | head -n 1
  exit
done </proc/net/unix`;

async function holderOfPath(path: string, target: Target, signal: AbortSignal): Promise<number | null> {
  const { stdout } = await collect(target, { argv: ["/bin/sh", "-c", holderScript, "sh", path] }, signal);
  signal.throwIfAborted();
  return stdout === "" ? null : Number(stdout);
}

/** What the kernel calls it, then its arguments. */
async function commandLine(pid: number, target: Target, signal: AbortSignal): Promise<readonly string[]> {
  const argv = ["/bin/sh", "-c", `cat /proc/${pid}/comm; tr '\\0' '\\n' </proc/${pid}/cmdline`];
  return (await collect(target, { argv }, signal)).stdout.split("\n");
}
