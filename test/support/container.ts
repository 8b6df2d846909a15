import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childrenOf } from "./processes.js";

/**
 * A container without an engine: process, mount and host name of its own, and for its files nothing but busybox. Programs that
 * are called `docker` and `kubectl` execute in it what these would; they check how they are called.
 */
export interface Container extends AsyncDisposable {
  /** Its files, from outside. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** What runs in it besides its first process. */
  processes(): readonly number[];
}

export async function startContainer({ name = "small", shell = true } = {}): Promise<Container> {
  const folder = mkdtempSync(join(tmpdir(), "casebook-container-"));
  const root = join(folder, "root");
  for (const inside of ["bin", "proc", "tmp", "etc", "dev"]) mkdirSync(join(root, inside), { recursive: true });
  copyFileSync("/usr/bin/busybox", join(root, "bin/busybox"));
  writeFileSync(join(root, "etc/os-release"), 'PRETTY_NAME="Small Box"\n');
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
  const init = `/bin/busybox mknod -m 666 /dev/null c 1 3
/bin/busybox mount -t proc proc /proc
/bin/busybox hostname ${name}
/bin/busybox --install -s /bin
${shell ? "" : "rm /bin/sh"}
echo up
exec /bin/busybox sleep 1000`;
  const args = [
    "--pid",
    "--mount",
    "--uts",
    "--fork",
    "--kill-child",
    `--root=${root}`,
    "/bin/busybox",
    "sh",
    "-c",
    init,
  ];
  const child = spawn("unshare", args, { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  const [pid = 0] = childrenOf(child.pid ?? 0);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const enter = `exec env -i PATH=/bin HOME=/ nsenter --target ${pid} --mount --pid --uts --root -- "$@"`;
  const program = (called: string, text: string): void => {
    writeFileSync(join(bin, called), `#!/bin/sh\n${text}\n${enter}\n`);
    chmodSync(join(bin, called), 0o755);
  };
  program(
    "docker",
    `[ "$1 $2" = "exec -i" ] || { echo "unknown: $*" >&2; exit 125; }
[ "$3" = ${name} ] || { echo "Error response from daemon: No such container: $3" >&2; exit 1; }
shift 3`,
  );
  program(
    "kubectl",
    `[ "$*" != "config get-contexts --output name" ] || { echo lab; exit; }
case $* in
"--context lab --namespace web exec -i pod-1 -- "*) shift 8 ;;
"--namespace web exec -i --container side pod-1 -- "*) shift 8 ;;
*) echo 'Error from server (NotFound): pods "other" not found' >&2; exit 1 ;;
esac`,
  );
  return {
    root,
    env: { PATH: `${bin}:${process.env.PATH}` },
    processes: () => descendants(pid),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      process.kill(pid, "SIGKILL"); // unshare itself leaves with it, and for no signal
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const descendants = (pid: number): readonly number[] => childrenOf(pid).flatMap((one) => [one, ...descendants(one)]);
