import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { ByteSink } from "../../model/evidence.js";
import { StepFailure } from "../../model/step-kind.js";
import { bootstrap } from "../words.js";
import type { Link } from "./link.js";
import { Marked, type Parts } from "./marked.js";
import { leaseSeconds } from "./programs.js";

/** A further shell on the host, which waits for its program on one line. One that never says a word is ended. */
export interface Session {
  readonly child: ChildProcess;
  /** Stands between the parts of both its output streams; nobody there can know it beforehand. */
  readonly mark: string;
  /** What is said to it; that it has gone is no error here. */
  say(text: string): void;
  /**
   * Ends its process here, and listens no more: the streams of a client of ssh's are also those of the ssh that holds the connection,
   * and stay open there for as long as anybody on the host has them.
   */
  abandon(): void;
}

export function openSession({ way, control }: Pick<Link, "way" | "control">): Session {
  const { shell } = control.hello;
  const child = way.further(bootstrap);
  // Where each shell has a connection of its own, none may outlive the first.
  void control.gone.then(() => child.kill("SIGKILL"));
  const abandon = (): void => {
    child.kill("SIGKILL");
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  child.on("error", () => {}); // a process that was never there closes like one that has gone
  child.stdin?.on("error", () => {});
  const silent = setTimeout(abandon, leaseSeconds * 1000);
  child.stdout?.once("data", () => clearTimeout(silent));
  child.once("close", () => clearTimeout(silent));
  const say = (text: string): void => void child.stdin?.write(text);
  // bash tells of every job that is done when its program is an argument, and only of killed ones when that is its input.
  if (shell === "bash") say("exec bash --norc --noprofile -p\n");
  return { child, mark: `\u001e${randomBytes(16).toString("hex")}`, say, abandon };
}

/** Why there was no further shell, when the first one still answers. @param said on its standard error */
export function noFurther({ child }: Session, said: string): StepFailure {
  const why = said.trim() || (child.killed ? `it started nothing within ${leaseSeconds} s` : "it ended at once");
  return new StepFailure(`expected one more shell on the host, found none: ${why}`, {
    remedy: "look whether the host has processes, memory, disk and sessions (MaxSessions of sshd) left",
  });
}

/** Cuts one of a session's streams at the marks. */
export function cutAtMarks(stream: Readable | null, mark: string, parts: Parts): void {
  const marked = new Marked(mark, parts);
  stream?.on("data", (chunk: Buffer) => marked.push(chunk));
  stream?.once("end", () => marked.end());
}

/** Gives bytes to a sink; the stream that they come from waits where the sink has to. */
export function give(bytes: Buffer, sink: ByteSink, from: Readable | null): void {
  const taken = sink.write(bytes);
  if (taken === undefined) return;
  from?.pause();
  taken.then(
    () => from?.resume(),
    (error: Error) => from?.destroy(error),
  );
}
