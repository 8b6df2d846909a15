/** A runbook made up by chance, and whether it has to fail when nobody interrupts it. */
export interface RandomRunbook {
  readonly text: string;
  readonly fails: boolean;
  /** Files that it works on, by name, as they are before and have to be afterwards. */
  readonly files: Readonly<Record<string, string>>;
}

interface Made {
  readonly step: Readonly<Record<string, unknown>>;
  readonly fails: boolean;
}

/** Steps that need nothing around them; each a thing that may happen to a step. */
const leaves: readonly ((number: number) => Made)[] = [
  () => ({ step: { run: "echo out; echo err >&2" }, fails: false }),
  () => ({ step: { run: "true" }, fails: false }),
  () => ({ step: { run: "sleep 0.1; echo late" }, fails: false }),
  () => ({ step: { run: "head -c 70000 /dev/zero | tr '\\0' x" }, fails: false }),
  () => ({ step: { run: "echo left; sleep 60 & echo behind" }, fails: false }),
  () => ({ step: { run: "echo no >&2; exit 4" }, fails: true }),
  () => ({ step: { run: "kill -9 $$" }, fails: true }),
  () => ({ step: { run: "echo begun; sleep 60", timeout: "100ms" }, fails: true }),
  () => ({ step: { run: ["casebook-no-such-program"] }, fails: true }),
  () => ({ step: { run: "exit 1", retry: { times: 3 } }, fails: true }),
  () => ({
    step: { run: "echo no", retry: { times: 2, every: "10ms", until: 'result.stdout == "yes"' } },
    fails: true,
  }),
  (number) => ({
    step: {
      run: `echo x >>tries-${number}; cat tries-${number}; [ $(wc -l <tries-${number}) = 2 ]`,
      retry: { times: 2 },
    },
    fails: false,
  }),
  () => ({ step: { run: 'echo "$item"', for_each: [1, 2, 3] }, fails: false }),
  () => ({ step: { run: 'echo "$item"; test "$item" != 2', for_each: [1, 2, 3] }, fails: true }),
  () => ({ step: { run: "echo 1", require: "result.exit_code == 1" }, fails: true }),
  () => ({ step: { run: "echo 1", expect: { never: "result.exit_code == 1" } }, fails: false }),
  () => ({ step: { run: "false", when: "1 == 2" }, fails: false }),
  () => ({ step: { note: "A remark." }, fails: false }),
];

/** Instruments without their `during`. */
const instruments: readonly ((number: number, files: Record<string, string>) => Made)[] = [
  () => ({
    step: { start: { command: ["sh", "-c", "echo up; exec sleep 60"], ready: { log: "up" } } },
    fails: false,
  }),
  () => ({
    step: {
      start: { command: ["sh", "-c", "trap 'sleep 0.1; exit' TERM; echo up; sleep 60 & wait"], ready: { log: "up" } },
    },
    fails: false,
  }),
  () => ({ step: { start: { command: ["sh", "-c", "echo no; exit 3"], ready: { log: "up" } } }, fails: true }),
  () => ({
    step: { start: { command: ["sleep", "60"], ready: { log: "up" } }, timeout: "200ms" },
    fails: true,
  }),
  (number, files) => {
    files[`level-${number}`] = "# kept\nlevel=info\n";
    return {
      step: { log_level: { file: { path: `level-${number}`, pattern: "level=(\\w+)" }, to: "debug" } },
      fails: false,
    };
  },
  (number, files) => {
    files[`level-${number}`] = "info\n";
    const command = { get: `cat level-${number}`, set: `sleep 0.05; echo "$level" >level-${number}` };
    return { step: { log_level: { command, to: "debug" } }, fails: false };
  },
  () => ({ step: { diff: { run: "ls" } }, fails: false }),
  (number, files) => {
    files[`log-${number}`] = "before\n";
    return { step: { log: { file: `log-${number}`, follow: true } }, fails: false };
  },
];

/** @param next numbers in [0, 1) */
export function randomRunbook(next: () => number): RandomRunbook {
  const files: Record<string, string> = {};
  let count = 0;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T; // never beyond the end

  function makeStep(depth: number): Made {
    const number = ++count;
    const { step, fails } = depth < 3 && next() < 0.45 ? makeInstrument(depth, number) : pick(leaves)(number);
    const tolerated = next() < 0.5;
    const id = next() < 0.5 ? { id: `s${number}` } : {};
    return { step: { ...id, ...step, ...(tolerated && { on_fail: "continue" }) }, fails: fails && !tolerated };
  }
  function makeInstrument(depth: number, number: number): Made {
    const { step, fails } = pick(instruments)(number, files);
    const during = makeList(depth + 1);
    return { step: { ...step, during: during.steps }, fails: fails || during.fails };
  }
  function makeList(depth: number): { readonly steps: readonly unknown[]; readonly fails: boolean } {
    const made = Array.from({ length: 1 + Math.floor(next() * 3) }, () => makeStep(depth));
    return { steps: made.map(({ step }) => step), fails: made.some(({ fails }) => fails) };
  }

  const { steps, fails } = makeList(0);
  const lines = steps.map((step) => `  - ${JSON.stringify(step)}\n`);
  return { text: `casebook: 1\ntitle: By chance\nsteps:\n${lines.join("")}`, fails, files };
}
