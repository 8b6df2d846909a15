import { nameIn } from "../remote/client.js";

/** A container of a pod, as a URL names it. */
export interface Pod {
  readonly context: string | null;
  readonly namespace: string;
  readonly pod: string;
  /** null: the pod's default one. */
  readonly container: string | null;
}

const expected =
  "kubectl://namespace/pod, kubectl://namespace/pod/container or kubectl://context/namespace/pod/container";

/**
 * Reads `kubectl://[context/]namespace/pod[/container]`; a slash in a name is written `%2F`. Of three parts the first is a context if there
 * is one of that name. Throws `TargetUnavailable`.
 *
 * @param contexts those that are configured; only asked for when it matters
 */
export async function parsePod(url: string, contexts: () => Promise<readonly string[]>): Promise<Pod> {
  const parts = url
    .replace(/^kubectl:\/\//, "")
    .split("/")
    .map((part) => nameIn(url, part, expected));
  const [first = "", second, third, fourth] = parts;
  if (second === undefined || parts.length > 4) return { ...none, pod: nameIn(url, undefined, expected) };
  if (third === undefined) return { ...none, namespace: first, pod: second };
  if (fourth !== undefined) return { context: first, namespace: second, pod: third, container: fourth };
  return (await contexts()).includes(first)
    ? { context: first, namespace: second, pod: third, container: null }
    : { context: null, namespace: first, pod: second, container: third };
}

const none = { context: null, namespace: "", container: null };

/** What comes before the command that kubectl is to execute there. */
export const execArguments = ({ context, namespace, pod, container }: Pod): readonly string[] => [
  ...(context === null ? [] : ["--context", context]),
  "--namespace",
  namespace,
  "exec",
  "-i",
  ...(container === null ? [] : ["--container", container]),
  pod,
  "--",
];
