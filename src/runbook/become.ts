import { type Loading, refuse, under } from "./loading.js";
import type { Part } from "./shape-check.js";

/** What `sudo -u` takes for a user, and for nothing else. */
const userPattern = /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/;

/** The user of a `become`; null: nobody else. */
export const userOf = (become: string | boolean): string | null =>
  typeof become === "boolean" ? (become ? "root" : null) : become;

/** Refuses a `become` that is not the name of a user. */
export function checkUser(loading: Loading, part: Part, become: string | boolean | undefined): void {
  if (typeof become !== "string" || userPattern.test(become)) return;
  const message = `"become": expected true, false or the name of a user, found ${JSON.stringify(become)}`;
  refuse(loading, "bad-value", message, under(part, "become").node);
}
