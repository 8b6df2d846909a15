import { execFile } from "node:child_process";
import type { Target } from "../../model/target.js";
import type { ConnectOptions } from "../connect-options.js";
import { type Client, clientWay, noShell } from "../remote/client.js";
import { connectRemote } from "../remote/index.js";
import { execArguments, parsePod } from "./pod.js";

const meanings: Client["meanings"] = [
  [/context "?[^\n]*"? does not exist/, "there is no such context: kubectl config get-contexts lists them"],
  [/pods? "?[^\n]*"? not found/, "there is no such pod: kubectl get pods lists them"],
  [/namespaces? "?[^\n]*"? not found/, "there is no such namespace: kubectl get namespaces lists them"],
  [/container [^\n]* (is not valid|not found)/, "the pod has no such container"],
  [
    /was refused|Unable to connect to the server|no configuration has been provided/,
    "the cluster does not answer: check KUBECONFIG and the context",
  ],
  [/forbidden|Unauthorized/i, "this account may not execute in pods there: it needs create on pods/exec"],
  [/completed pod|not running/i, "the container does not run"],
  noShell,
];

/** A container of a pod, by `kubectl exec`. Rejects with `TargetUnavailable`. */
export async function connectKubectl(url: string, { signal }: ConnectOptions): Promise<Target> {
  const client = { program: "kubectl", args: execArguments(await parsePod(url, () => contexts(signal))), meanings };
  return await connectRemote({ name: url, open: async () => clientWay(url, client) }, signal);
}

/** Empty where kubectl cannot tell: what is wrong is told when it is to execute something. */
function contexts(signal: AbortSignal): Promise<readonly string[]> {
  return new Promise((resolve) => {
    execFile("kubectl", ["config", "get-contexts", "--output", "name"], { encoding: "utf8", signal }, (_, stdout) =>
      resolve(stdout.split("\n").filter((line) => line !== "")),
    );
  });
}
