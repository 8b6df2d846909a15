import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchFailure } from "../../src/delve/enter/launch-failure.js";
import { refuseMismatch } from "../../src/delve/program/compatibility.js";
import { readExecutable } from "../../src/delve/program/executable.js";
import { StepFailure } from "../../src/model/step-kind.js";
import { buildGo } from "../support/go-program.js";
import { scratch } from "../support/scratch.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

const read = (path: string) => readExecutable(bench.target, path, AbortSignal.timeout(30_000));

test("the Go version and the debug information are read from the file", async () => {
  await using program = await buildGo("go-values");
  expect(await read(program.path)).toEqual({ goVersion: expect.stringMatching(/^go1\.\d+/), debugInformation: true });
  await using stripped = await buildGo("go-values", { flags: ["-ldflags", "-s -w"] });
  expect(await read(stripped.path)).toEqual({ goVersion: expect.stringMatching(/^go1\.\d+/), debugInformation: false });
});

test("a program of another language, a script and a text are told apart", async () => {
  await expect(read("/bin/ls")).rejects.toThrow("expected a Go program in /bin/ls, found one of another language");
  const folder = await scratch();
  const script = join(folder, "start.sh");
  await writeFile(script, "#!/bin/sh\nexec kubelet\n");
  await chmod(script, 0o755);
  await expect(read(script)).rejects.toThrow(`expected a Go program in ${script}, found a script`);
  await writeFile(script, "");
  await expect(read(script)).rejects.toThrow("found no ELF file");
  await expect(read(join(folder, "nothing"))).rejects.toThrow("cannot read");
  for (const bytes of [10, 1000]) {
    await writeFile(script, (await readFile("/bin/ls")).subarray(0, bytes));
    await expect(read(script)).rejects.toThrow("found the beginning of one: the file is cut");
  }
});

test("Delve's refusals name the version that is there and the one that is needed", () => {
  const old =
    "API server listening at: 127.0.0.1:1\ncould not launch process: Go version go1.12.5 is too old for this version of Delve " +
    "(minimum supported version 1.18, suppress this error with --check-go-version=false)\n";
  const tooOld = launchFailure(old, "/usr/bin/kubelet", "1.20.2");
  expect(tooOld.message).toBe(
    "Delve 1.20.2 debugs programs built with Go 1.18 or newer, but /usr/bin/kubelet was built with Go 1.12.5",
  );
  expect(tooOld.remedy).toBe(
    "build /usr/bin/kubelet with Go 1.18 or newer: no Delve that casebook works with debugs older ones",
  );
  const fresh =
    "could not attach to pid 7: Version of Delve is too old for Go version 1.24.4 (maximum supported version 1.20, suppress this error)\n";
  const tooNew = launchFailure(fresh, "kubelet", "1.20.2");
  expect(tooNew.message).toBe("kubelet was built with 1.24.4, which is too new for Delve 1.20.2");
  expect(tooNew.remedy).toContain("install Delve 1.24 or newer");
});

test("a program that Delve would refuse is refused before anything is stopped, and the Delve that is needed is named", () => {
  const refusal = (goVersion: string | null, delve: string, debugInformation = true): string => {
    try {
      refuseMismatch("kubelet", { goVersion, debugInformation }, { path: "dlv", version: delve });
      return "none";
    } catch (error) {
      expect(error).toBeInstanceOf(StepFailure);
      const { message, remedy } = error as StepFailure; // just seen
      return `${message}; ${remedy}`;
    }
  };
  expect(refusal("go1.24.4", "1.20.2")).toMatch(
    /^kubelet was built with go1.24.4, which is too new for Delve 1.20.2; install Delve 1.24 or/,
  );
  expect(refusal("go1.19.8", "1.24.0")).toMatch(
    /^Delve 1.24.0 debugs programs built with Go 1.21 or newer, but kubelet was built with Go 1.19.8; install Delve 1.20 to 1.22 on/,
  );
  expect(refusal("go1.18.1", "1.22.0")).toContain("; install Delve 1.20 on the host");
  expect(refusal("go1.15.3", "1.20.2")).toContain("; build kubelet with Go 1.18 or newer");
  expect(refusal("go1.19.8", "1.20.2", false)).toMatch(
    /^Delve 1.20.2 needs debug information, but kubelet is stripped; /,
  );
  expect(refusal("go1.19.8", "1.24.0", false)).toBe("none");
  expect(["go1.18", "go1.19.8", "go1.20.1", "devel go1.21-af3", null].map((go) => refusal(go, "1.20.2"))).toEqual(
    Array(5).fill("none"),
  );
  expect([refusal("go1.99", "1.9.1"), refusal("go1.20", "1.77.0")]).toEqual(["none", "none"]);
});
