/** What systems say of a connection that cannot be made, and node's word for it. */
const codes: readonly (readonly [said: RegExp, code: string])[] = [
  [/Connection refused/i, "ECONNREFUSED"],
  [/timed out/i, "ETIMEDOUT"],
  [/No route to host/i, "EHOSTUNREACH"],
  [/Network is unreachable/i, "ENETUNREACH"],
  [/not known|name resolution|resolve/i, "ENOTFOUND"],
  [/No such file/i, "ENOENT"],
  [/prohibited|Permission denied/i, "EACCES"],
  [/nothing to connect with/, "EOPNOTSUPP"],
];

/** An error as node has them, from the words of whatever tried to connect. */
export function connectError(said: string): Error & { readonly code: string } {
  const code = codes.find(([pattern]) => pattern.test(said))?.[1] ?? "ECONNRESET";
  return Object.assign(new Error(said === "" ? code : `${code}: ${said}`), { code, syscall: "connect" });
}
