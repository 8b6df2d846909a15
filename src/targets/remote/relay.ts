import type { Duplex } from "node:stream";
import type { Address } from "../../model/target.js";
import { connectError } from "../connect-error.js";
import { ProcessStream } from "../process-stream.js";
import { oneLine } from "../words.js";
import type { Link } from "./link.js";
import { relayProgram } from "./relay-programs.js";
import { openSession } from "./session.js";

/** A socket as seen from the host, carried by what programs it has. Rejects with an error that has a node system error's `code`. */
export function relay(link: Link, address: Address, signal: AbortSignal): Promise<Duplex> {
  const { control } = link;
  const { child, mark, say } = openSession(link);
  let group: number | null = null;
  const number = control.register({
    begun: (pid) => {
      group = pid;
    },
    ended: () => {},
  });
  /** It would wait for the other side, and nobody would read what that says. */
  const end = (): void => {
    control.forget(number);
    if (group !== null && child.exitCode === null) control.signal(group, "KILL");
  };
  const answer = Buffer.from(`${mark}ok\n`);
  let seen = Buffer.alloc(0);
  let said = "";
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      end();
      child.kill("SIGKILL");
      reject(signal.reason);
    };
    const take = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const at = seen.indexOf(answer);
      if (at === -1) return;
      signal.removeEventListener("abort", abort);
      child.stdout?.off("data", take);
      const stream = new ProcessStream(child);
      stream.once("close", end);
      const rest = seen.subarray(at + answer.length);
      if (rest.length > 0) stream.push(rest);
      resolve(stream);
    };
    child.stdout?.on("data", take);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-8192);
    });
    child.once("close", () => {
      signal.removeEventListener("abort", abort);
      control.forget(number);
      reject(connectError(said.trim().split("\n").at(-1) ?? ""));
    });
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    say(oneLine(relayProgram(address, number, mark, control.hello.folder)));
  });
}
