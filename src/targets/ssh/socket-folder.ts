import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for the socket of a connection, which is gone when casebook is, however that ended. */
export interface SocketFolder extends AsyncDisposable {
  readonly path: string;
}

/** Waits until its standard input ends, which it does with casebook. */
const sweeper = `trap '' HUP INT TERM QUIT
while read -r line; do :; done
rm -rf -- "$1"`;

export async function openSocketFolder(): Promise<SocketFolder> {
  const path = await mkdtemp(join(tmpdir(), "casebook-ssh-"));
  const child = spawn("/bin/sh", ["-c", sweeper, "casebook-ssh", path], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve()); // no process was to be had
  });
  child.stdin.on("error", () => {}); // somebody has killed it
  return {
    path,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await gone;
      await rm(path, { recursive: true, force: true });
    },
  };
}
