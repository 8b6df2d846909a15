import { type ExecFileOptions, execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, onTestFinished } from "vitest";
import { quoteWords } from "../../src/util/shell-quote.js";
import { cli } from "./casebook.js";

const execute = promisify(execFile);

/** A real terminal of a chosen size, in which a program runs. */
export interface Pane {
  /**
   * What a person sees, without blanks at the ends of rows; `colours` keeps them as escape sequences, `history` is with what has
   * scrolled away.
   */
  screen(options?: { readonly colours?: boolean; readonly history?: boolean }): Promise<string>;
  /** Waits until a person sees it. */
  shows(what: string | RegExp): Promise<void>;
  /** Keys as tmux names them. */
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Whether the cursor is shown, and its column. */
  cursor(): Promise<{ readonly shown: boolean; readonly column: number }>;
}

let panes = 0;

interface PaneOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the real command line in tmux. When it has ended, the last row is `ended` and its exit code. */
export const inPane = (args: readonly string[], cwd: string, options: PaneOptions = {}): Promise<Pane> =>
  openPane([process.execPath, cli(), ...args], cwd, options);

/** Runs any program so. */
export async function openPane(
  program: readonly string[],
  cwd: string,
  { columns = 80, rows = 24, env = {} }: PaneOptions = {},
): Promise<Pane> {
  const server = ["-L", `casebook-${process.pid}-${++panes}`, "-f", "/dev/null", "-u"];
  const options: ExecFileOptions = { cwd, env: { ...process.env, NO_COLOR: undefined } };
  const tmux = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await execute("tmux", [...server, ...words], options);
    return stdout.toString();
  };
  const added = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = quoteWords(["env", ...added, ...program]);
  // Reading keeps the terminal after the end.
  const line = `${command}; echo "ended $?"; exec cat`;
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), line);
  onTestFinished(async () => {
    await tmux("kill-server");
  });
  const screen = async ({ colours = false, history = false } = {}): Promise<string> =>
    (await tmux("capture-pane", "-p", ...(colours ? ["-e"] : []), ...(history ? ["-S", "-"] : []))).trimEnd();
  return {
    screen,
    async shows(what) {
      const seen = expect.poll(() => screen(), { timeout: 20_000, interval: 20 });
      await (typeof what === "string" ? seen.toContain(what) : seen.toMatch(what));
    },
    press: async (...keys) => void (await tmux("send-keys", ...keys)),
    resize: async (width, height) => void (await tmux("resize-window", "-x", String(width), "-y", String(height))),
    async cursor() {
      const [shown, column] = (await tmux("display", "-p", "#{cursor_flag} #{cursor_x}")).split(" ");
      return { shown: shown === "1", column: Number(column) };
    },
  };
}
