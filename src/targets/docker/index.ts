import type { Target } from "../../model/target.js";
import type { ConnectOptions } from "../connect-options.js";
import { type Client, clientWay, nameIn, noShell } from "../remote/client.js";
import { connectRemote } from "../remote/index.js";

const meanings: Client["meanings"] = [
  [/No such container/i, "there is no such container: docker ps lists them"],
  [/is not running|is paused|running containers/, "it does not run: docker start, or docker unpause"],
  [
    /Cannot connect to the Docker daemon|error during connect/i,
    "the Docker daemon does not answer: start it, or set DOCKER_HOST",
  ],
  [/permission denied.*docker/i, "this user may not talk to the Docker daemon: add it to the group docker"],
  noShell,
];

/** The name in `docker://container`. Throws `TargetUnavailable`. */
export const parseContainer = (url: string): string =>
  nameIn(url, /^docker:\/\/([^/]+)$/.exec(url)?.[1], "docker://container");

/** A container, by `docker exec`. Rejects with `TargetUnavailable`. */
export async function connectDocker(url: string, { signal }: ConnectOptions): Promise<Target> {
  const client = { program: "docker", args: ["exec", "-i", parseContainer(url)], meanings };
  return await connectRemote({ name: url, open: async () => clientWay(url, client) }, signal);
}
