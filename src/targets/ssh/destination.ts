import { TargetUnavailable } from "../target-unavailable.js";

/** Whom ssh is to reach, in its own words. */
export interface Destination {
  readonly host: string;
  readonly user: string | null;
  readonly port: string | null;
}

/** Reads `ssh://[user@]host[:port]`, or a Host of the OpenSSH configuration, also with `user@`. Throws `TargetUnavailable`. */
export function parseDestination(url: string): Destination {
  const pattern = /^(?:ssh:\/\/)?(?:([^@/\s]+)@)?(?:\[([\da-fA-F:.%]+)\]|([^\s/:@[\]]+))(?::(\d{1,5}))?\/?$/;
  const [, user = null, literal, name, port = null] = pattern.exec(url) ?? [];
  const host = literal ?? name;
  if (host === undefined || host.startsWith("-") || user?.startsWith("-")) {
    throw new TargetUnavailable(
      `expected a host such as ssh://user@host:22 or a Host of ~/.ssh/config, found ${url || "nothing"}`,
    );
  }
  return { host, user, port };
}

/** As arguments of ssh: its options come before. */
export const destinationArguments = ({ host, user, port }: Destination): readonly string[] => [
  ...(user === null ? [] : ["-l", user]),
  ...(port === null ? [] : ["-p", port]),
  "--",
  host,
];
