import type { Address } from "../../model/target.js";

/** The address of a Delve as people write it: `127.0.0.1:2345`, `:2345`, `[::1]:2345`, `unix:/run/dlv.sock`; null when it is none. */
export function parseAddress(text: string): Address | null {
  const path = /^(?:unix:)?(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { path };
  const [, bracketed, plain = "", port = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s/]*)):(\d{1,5})$/.exec(text) ?? [];
  const number = Number(port);
  if (port === "" || number === 0 || number > 65_535) return null;
  return { host: bracketed ?? (plain === "" ? "127.0.0.1" : plain), port: number };
}
