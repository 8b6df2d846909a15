import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { freePort } from "./ports.js";
import { scratch } from "./scratch.js";

/** Starts a program that is killed after the test; resolves once the check passes. */
export async function running(argv: readonly string[], ready: () => boolean): Promise<ChildProcess> {
  const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: "ignore" });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  });
  while (!ready()) {
    if (child.exitCode !== null) throw new Error(`${argv[0]} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

/** A redis that listens on a socket file only. */
export async function startRedis(): Promise<{ readonly server: ChildProcess; readonly socket: string }> {
  const folder = await scratch();
  const socket = join(folder, "redis.sock");
  const argv = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder];
  return { server: await running(argv, () => existsSync(socket)), socket };
}

/** An nginx whose configuration has an owner and a mode of its own, and no pure ASCII. */
export async function startNginx(locations = "location / { return 204; }") {
  const folder = await scratch();
  const port = await freePort();
  const path = join(folder, "nginx.conf");
  const text = `# Prüfstand: ünïcode before the level\ndaemon off;\npid ${folder}/pid;\nerror_log ${folder}/error.log warn;\nevents {}\nhttp { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder}; server { listen 127.0.0.1:${port}; ${locations} } }\n`;
  await writeFile(path, text);
  await chmod(path, 0o640);
  await chown(path, 1, 2);
  await running(["nginx", "-c", path, "-e", join(folder, "error.log")], () => existsSync(join(folder, "pid")));
  const reload = ["nginx", "-c", path, "-e", join(folder, "error.log"), "-s", "reload"];
  return { folder, path, text, reload, url: `http://127.0.0.1:${port}/` };
}

/** What of a file must not change, its bytes included. */
export const identityOfFile = async (path: string) => {
  const { ino, mode, uid, gid } = await stat(path);
  return { ino, mode, uid, gid, text: await readFile(path, "utf8") };
};
