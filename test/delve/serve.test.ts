import { expect, test } from "vitest";
import { type Service, serve } from "../../src/delve/enter/serve.js";
import type { Evidence } from "../../src/model/evidence.js";
import type { StepContext } from "../../src/model/step-kind.js";
import type { HeldProcess, Target } from "../../src/model/target.js";

const held: HeldProcess = {
  identity: { pid: 1, startTicks: "1", bootId: "b" },
  release: () => {},
  stdin: null,
  exit: new Promise(() => {}),
  stop: async () => ({ code: 0, signal: null }),
};

const service: Service = {
  delve: { path: "dlv", version: "1.20.2" },
  mode: ["attach", "1"],
  args: [],
  cwd: null,
  program: "kubelet (process 1)",
  ending: { signal: "TERM", graceMilliseconds: 1, kill: false },
  supervise: (command) => command,
  multiclient: false,
  stdin: false,
  change: () => ({ what: "", undo: "", token: null }),
  begin: () => {},
};

/** Of a host where Delve says at once that it listens, and a connection takes for ever. */
function contextOf(connecting: () => void): StepContext {
  const target: Pick<Target, "hold" | "connect"> = {
    async hold(_, { stdout }) {
      await stdout.write(Buffer.from("API server listening at: 127.0.0.1:1\n"));
      return held;
    },
    connect: (_, signal) =>
      new Promise((_, reject) => {
        // As node does, whatever the signal's reason is.
        signal.addEventListener("abort", () => reject(new DOMException("The operation was aborted", "AbortError")));
        connecting();
      }),
  };
  const capture = (): Pick<Evidence, "directFile" | "write"> => ({ directFile: null, write: () => {} });
  const context = { target, capture, env: {}, signal: new AbortController().signal, announce: async () => {} };
  // What serving does not use is left out.
  return context as unknown as StepContext;
}

test("a program whose time is up while Delve is connected to is told so", async () => {
  let usedUp: (why: string) => void = () => {};
  const tooLate = new Promise<string>((resolve) => {
    usedUp = resolve;
  });
  const context = contextOf(() => usedUp("the program stood still for 50 ms in all"));
  await expect(serve(service, tooLate, context)).rejects.toThrow(
    "Delve is not ready with kubelet (process 1) yet, but the program stood still for 50 ms in all",
  );
});
