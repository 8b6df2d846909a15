import { readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { expect } from "vitest";

/** Waits until the follower of a log has this very file open, and has read it to its end. */
export async function followed(file: string): Promise<void> {
  const [path, { size }] = await Promise.all([realpath(file), stat(file)]);
  await expect.poll(() => someoneRead(path, size), { timeout: 20_000, message: `${file} is not followed` }).toBe(true);
}

async function someoneRead(path: string, size: number): Promise<boolean> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const argv = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (!argv.startsWith("tail\0-c\0")) continue;
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")) !== path) continue;
      const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, "utf8").catch(() => "");
      if (new RegExp(`^pos:\\s*${size}$`, "m").test(info)) return true;
    }
  }
  return false;
}
