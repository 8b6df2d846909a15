import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect, run, shell } from "../support/as-another.js";
import { programsBut } from "../support/programs-but.js";
import { scratch } from "../support/scratch.js";

test("another user's command has its whole input, also where busybox reads ahead", async () => {
  const PATH = programsBut(["head", "sudo"], await scratch());
  symlinkSync("/usr/bin/busybox", join(PATH, "head"));
  // The real one would look for programs elsewhere.
  const sudo = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n';
  writeFileSync(join(PATH, "sudo"), sudo, { mode: 0o755 });
  const there = (bootstrap: string) => shell([], bootstrap, { PATH });
  await using target = await connect({ first: there, further: there });
  const other = target.as("nobody");
  const env = { CASEBOOK_TEXT: "two\nlines \\n 'and more'\n" };
  const argv = ["/bin/sh", "-c", 'cat; printf "%s|" "$CASEBOOK_TEXT" "$@"', "sh", "a\n\nb\n", "\\"];
  const said = await run(other, { argv, env, stdin: "kept\n: >left\n" });
  expect(said).toMatchObject({ code: 0, out: `kept\n: >left\n${env.CASEBOOK_TEXT}|a\n\nb\n|\\|`, err: "" });
  expect(await run(other, { argv: ["cat"] })).toMatchObject({ code: 0, out: "" });
});
