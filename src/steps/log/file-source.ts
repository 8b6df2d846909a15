import { collect } from "../../linux/collect.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import type { Command } from "../../model/target.js";
import { followScript, markCommand, notes, parseMark, readScript } from "./file-script.js";
import { ending, fromNow, holdUntil, messages, type Source, type SourceOptions, sinkTo } from "./take.js";

/** A log file, through rotation, truncation and deletion. */
export async function fileSource(path: string, options: SourceOptions, context: StepContext): Promise<Source> {
  const { target } = context;
  const missing: string[] = [];
  let mark = options.mark ?? { inode: "", size: 0 };
  if (fromNow(options)) {
    const { stdout } = await collect(target, { argv: markCommand(path) }, context.signal);
    mark = parseMark(stdout);
  }
  const knowsTime = options.mark !== null || fromNow(options);
  const said = (stderr: string): void => {
    if (stderr.includes(notes.lost)) missing.push(notes.lost.replace("casebook: ", ""));
    if (stderr.includes(notes.truncated)) missing.push(notes.truncated.replace("casebook: ", ""));
    if (/: file truncated$/m.test(stderr)) missing.push("the file was truncated while it was read");
  };
  const command = (script: string): Command => ({
    argv: ["/bin/sh", "-c", script, "log", path, mark.inode ?? "", String(mark.size)],
    ending,
  });
  return {
    missing,
    knowsTime,
    from: knowsTime ? mark : null,
    async read(take, signal) {
      const stderr = messages();
      const exit = await target.run(command(readScript), { stdout: sinkTo(take), stderr }, signal);
      signal.throwIfAborted();
      said(stderr.text());
      const reached = new RegExp(`^${notes.read} (\\S+) (\\d+)$`, "m").exec(stderr.text());
      if (exit.code !== 0 || reached === null) throw unreadable(path, stderr.text());
      // A last line without a newline waits in the filter for the rest of it.
      mark = { inode: reached[1] ?? "", size: Number(reached[2]) };
    },
    async follow(take, signal, begun) {
      // Begun only when the file is held open: until then it could still be taken away.
      const stderr = messages((text) => {
        if (text.includes(notes.following)) begun();
      });
      await holdUntil(command(followScript), take, stderr, signal, context, () => {});
      said(stderr.text());
    },
  };
}

function unreadable(path: string, stderr: string): StepFailure {
  const line = stderr.trim().split("\n").at(-1) ?? "";
  const remedy = /Permission denied/.test(line) ? { remedy: "say `become: true` in the step" } : {};
  return new StepFailure(`expected to read ${path}, but: ${line.replace(/^.*?: (?:\d+: )?/, "")}`, remedy);
}
