import type { Command, HostFacts, Output, Target } from "../../model/target.js";
import { runHeld } from "../run-held.js";
import { readByCommand, writeByCommand } from "../shell-files.js";
import { type AskSudo, asUser } from "../sudo.js";
import { TargetUnavailable } from "../target-unavailable.js";
import { hold } from "./hold.js";
import { lostFailure, openLink } from "./link.js";
import { relay } from "./relay.js";
import { Runner } from "./runner.js";
import type { Way } from "./way.js";

/** How a host is reached. */
export interface Route {
  /** As in `--host`. */
  readonly name: string;
  open(): Promise<Way>;
}

/** A host that has a shell, reached by a program of this machine. Rejects with `TargetUnavailable`. */
export async function connectRemote(route: Route, signal: AbortSignal): Promise<Target> {
  const first = await openLink(route.name, await route.open(), signal);
  let link = first;
  let idle: Runner[] = [];
  let shells: Runner[] = [];
  const facts: HostFacts = link.control.hello.facts;
  const permitted = new Set<string>();

  async function runInShell(command: Command, output: Output, aborting: AbortSignal) {
    if (link.lost.aborted) throw lostFailure(link);
    let shell = idle.pop();
    while (shell !== undefined && !shell.alive) shell = idle.pop();
    if (shell === undefined) {
      shell = new Runner(link, shells.length);
      shells.push(shell);
    }
    const exit = await shell.run(command, output, aborting);
    if (shell.alive && shells.includes(shell)) idle.push(shell);
    return exit;
  }

  const askSudo: AskSudo = async (user, signal) => {
    if (permitted.has(user)) return { permitted: true, said: "" };
    let said = "";
    const sink = { directFile: null, write: (chunk: Uint8Array) => void (said += Buffer.from(chunk).toString()) };
    const command = { argv: ["sudo", "-n", "-u", user, "--", "true"] };
    const { code } = await runInShell(command, { stdout: sink, stderr: sink }, signal);
    if (code === 0) permitted.add(user);
    return { permitted: code === 0, said: said.trim() };
  };

  const own: Target = {
    name: route.name,
    cwd: link.control.hello.cwd,
    lost: first.lost,
    facts: async () => link.control.hello.facts,
    async run(command, output, aborting) {
      // What reads an input gets a shell of its own, whose input that is.
      if (command.stdin === undefined) return await runInShell(command, output, aborting);
      return await runHeld(await hold(command, output, { stdin: false }, link), aborting);
    },
    hold: (command, output, how) => hold(command, output, how, link),
    read: (path, aborting) => readByCommand(own.run, path, aborting),
    write: (path, bytes, aborting) => writeByCommand(own.run, path, bytes, aborting),
    async connect(address, aborting) {
      if (link.lost.aborted) throw lostFailure(link);
      const { forward } = link.way;
      if (forward === null || "path" in address) return await relay(link, address, aborting);
      try {
        return await forward(address, aborting);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
        return await relay(link, address, aborting); // sshd does not permit forwarding
      }
    },
    as: (user) => (user === facts.user ? own : asUser(own, user, askSudo)),
    async reconnect(until) {
      const again = await openLink(route.name, await route.open(), until);
      const found = again.control.hello.facts.hostname;
      if (found !== facts.hostname) {
        await again.close();
        throw new TargetUnavailable(`expected ${facts.hostname} at ${route.name}, found ${found}`);
      }
      idle = [];
      shells = [];
      link = again;
    },
    async [Symbol.asyncDispose]() {
      if (!link.lost.aborted) for (const shell of shells) await shell.close();
      for (const open of new Set([link, first])) await open.close();
    },
  };
  return own;
}
