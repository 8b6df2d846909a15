/** How OpenSSH names what went wrong, with what that means and what to do. */
const meanings: readonly (readonly [said: RegExp, meaning: (host: string) => string])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    (host) =>
      `the host key of ${host} is another than the one known here: find out why, then remove the old one with ssh-keygen -R`,
  ],
  [
    /Host key verification failed|host key is known for/,
    (host) =>
      `the host key of ${host} is not known here: connect once by hand with ssh ${host}, and compare the fingerprint that it shows`,
  ],
  [
    /Permission denied|Too many authentication failures|No more authentication methods/,
    (host) =>
      `${host} does not let this user in without a question, and casebook asks none: give another user (ssh://USER@…), load a key with ssh-add, or name one with IdentityFile`,
  ],
  [/Could not resolve hostname/, (host) => `the name of ${host} is not known: check it, or the Host of ~/.ssh/config`],
  [/Connection refused/, (host) => `${host} refuses the connection: check the port, and that sshd runs there`],
  [
    /timed out|No route to host|Network is unreachable|Host is down/,
    (host) => `${host} cannot be reached: check the network between, and whether the host is up`,
  ],
  [
    /Bad configuration option|terminating, \d+ bad configuration|Bad owner or permissions/,
    () => "ssh does not accept its own configuration: correct it",
  ],
];

/** Statuses that ssh ends with by itself; any other comes from the host. */
const ownFailure = 255;

/**
 * Why ssh gave no shell, in a sentence.
 *
 * @param printed its standard error
 * @param code what it ended with; null when it was ended
 */
export function explain(host: string, printed: string, code: number | null): string {
  const last = printed.trim().split("\n").at(-1)?.trim() ?? "";
  const said = last === "" ? "" : ` (${last})`;
  const known = meanings.find(([pattern]) => pattern.test(printed));
  if (code === ownFailure && known !== undefined) return `expected a connection to ${host}: ${known[1](host)}${said}`;
  if (code === null || code === ownFailure) return `expected a connection to ${host}, found that ssh ended${said}`;
  return `expected a shell on ${host}, found none: give an account whose login shell runs commands, and in which mktemp, mkfifo and bash or setsid are there${said}`;
}
