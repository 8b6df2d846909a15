/** Names of one level: what a program takes is not always what it tells. */
const names: Readonly<Record<string, string>> = { warn: "warning", err: "error", crit: "critical", emerg: "emergency" };

/** Whether two texts name one level: case, an alias and leading zeros make no difference. */
export const sameLevel = (left: string, right: string): boolean => plainName(left) === plainName(right);

function plainName(level: string): string {
  const name = level.trim().toLowerCase();
  return /^-?\d+$/.test(name) ? String(Number(name)) : (names[name] ?? name);
}
