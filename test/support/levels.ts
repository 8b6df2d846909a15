import { execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { builtOnce } from "./built.js";

/** The Go program of `test/fixtures/levels`, built from Debian's packages of klog and zap. */
export interface LevelsProgram {
  readonly executable: string;
  remove(): void;
}

/** Builds without modules, which would ask the network: the sources are those under /usr/share/gocode. */
export async function buildLevels(): Promise<LevelsProgram> {
  const folder = mkdtempSync(join(tmpdir(), "levels-build-"));
  const executable = join(folder, "levels");
  await builtOnce("levels", executable, async (to) => {
    cpSync("test/fixtures/levels", join(folder, "src/levels"), { recursive: true });
    const env = { ...process.env, GOPATH: `${folder}:/usr/share/gocode`, GO111MODULE: "off", GOFLAGS: "" };
    await promisify(execFile)("go", ["build", "-o", to, "levels"], { cwd: join(folder, "src/levels"), env });
  });
  return { executable, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly stderr: () => string;
  end(): Promise<void>;
}

/**
 * Starts it and waits until it tells its address.
 *
 * @param address where it is to listen, `127.0.0.1:4711`; one that is free if absent
 */
export async function startLevels({ executable }: LevelsProgram, address = ""): Promise<RunningProgram> {
  const folder = mkdtempSync(join(tmpdir(), "levels-run-"));
  const addressFile = join(folder, "address");
  const child = spawn(executable, [addressFile, ...(address === "" ? [] : [address])], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  let told = "";
  while (told === "") {
    await new Promise((resolve) => setTimeout(resolve, 10));
    try {
      told = readFileSync(addressFile, "utf8").trim();
    } catch {
      if (child.exitCode !== null) throw new Error(`it ended: ${stderr}`);
    }
  }
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    url: `http://${told}`,
    stderr: () => stderr,
    end,
    async [Symbol.asyncDispose]() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
