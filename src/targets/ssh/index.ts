import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Target } from "../../model/target.js";
import type { ConnectOptions } from "../connect-options.js";
import { connectRemote } from "../remote/index.js";
import type { Way } from "../remote/way.js";
import { destinationArguments, parseDestination } from "./destination.js";
import { explain } from "./explain.js";
import { forwarded, refusalOf } from "./forward.js";
import { ownSettings } from "./settings.js";
import { openSocketFolder } from "./socket-folder.js";

/** A host behind SSH, by the system's OpenSSH client with its configuration. Rejects with `TargetUnavailable`. */
export async function connectSsh(url: string, { signal }: ConnectOptions): Promise<Target> {
  const destination = destinationArguments(parseDestination(url));
  const settings = await ownSettings(destination, signal);
  return await connectRemote({ name: url, open: () => openWay(url, [...settings, ...destination]) }, signal);
}

/**
 * One connection, which the first shell's ssh holds and the others share through its socket. Without the socket, where a server
 * takes no more sessions, they connect by themselves. Each ssh is in a session of its own: no terminal's Ctrl-C reaches it, and it
 * has none to ask on.
 */
async function openWay(url: string, options: readonly string[]): Promise<Way> {
  const folder = await openSocketFolder();
  const ssh = (own: readonly string[], ...command: readonly string[]): ChildProcess =>
    spawn("ssh", ["-o", `ControlPath=${join(folder.path, "s")}`, ...own, ...options, ...command], {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
  const further = ["-o", "ControlMaster=no"];
  let said = "";
  return {
    first(bootstrap) {
      const child = ssh(["-T", "-o", "ControlMaster=yes"], shellOf(bootstrap));
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-8192);
      });
      return child;
    },
    further: (bootstrap) => ssh(["-T", ...further], shellOf(bootstrap)),
    async forward({ host, port }, signal) {
      said = "";
      const to = `${host.includes(":") ? `[${host}]` : host}:${port}`;
      return await forwarded(ssh([...further, "-o", "LogLevel=DEBUG1", "-W", to]), () => refusalOf(said), signal);
    },
    explain: (printed, code) => explain(url, printed, code),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** For whatever login shell the account has. */
const shellOf = (bootstrap: string): string => `exec sh -c '${bootstrap}'`;
