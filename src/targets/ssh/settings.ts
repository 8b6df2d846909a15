import { execFile } from "node:child_process";
import { TargetUnavailable } from "../target-unavailable.js";

/** What a person may have configured, and means a person at a terminal, or forwards what is not ours. */
const always: Readonly<Record<string, string>> = {
  BatchMode: "yes",
  ClearAllForwardings: "yes",
  ControlPersist: "no",
  LogLevel: "INFO",
  RemoteCommand: "none",
};

/** Where nothing is configured: a host that answers no more is noticed within seconds. */
const defaults: readonly { readonly name: string; readonly unset: string; readonly value: string }[] = [
  { name: "ConnectTimeout", unset: "none", value: "15" },
  { name: "ServerAliveInterval", unset: "0", value: "5" },
];

/**
 * The options that casebook adds to a person's configuration, which ssh itself is asked for.
 *
 * @param destination as arguments
 * @throws TargetUnavailable when there is no ssh, or it does not accept its configuration
 */
export async function ownSettings(destination: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const configured = parseSettings(await effective(destination, signal));
  const missing = defaults.filter(({ name, unset }) => (configured.get(name.toLowerCase()) ?? unset) === unset);
  const all = [...Object.entries(always), ...missing.map(({ name, value }) => [name, value] as const)];
  return all.flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** `ssh -G`: what would be in force for a destination; it connects to nothing. */
function effective(destination: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("ssh", ["-G", ...destination], { encoding: "utf8", signal }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(signal.reason);
      else if (error.code === "ENOENT") {
        reject(
          new TargetUnavailable("expected the OpenSSH client on this machine, found no ssh: install openssh-client"),
        );
      } else reject(new TargetUnavailable(`ssh does not accept its configuration or this host: ${stderr.trim()}`));
    });
  });
}

/** Lines of a name in lower case and a value. */
const parseSettings = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split("\n").map((line) => [line.split(" ", 1)[0] ?? "", line.slice(line.indexOf(" ") + 1).trim()]));
