/**
 * A report without what differs from run to run, so that it can be compared with the one expected: times, durations, process ids,
 * ports that the kernel chose, digests, the host and the casebook that ran.
 *
 * @param texts what of this run stands for what, `[/tmp/x, SCRATCH]`; longer ones are replaced first
 */
export function normalise(report: string, texts: ReadonlyMap<string, string>): string {
  let normal = report;
  for (const [from, to] of [...texts].sort(([left], [right]) => right.length - left.length)) {
    if (from !== "") normal = normal.replaceAll(from, `‹${to}›`);
  }
  for (const [pattern, to] of volatile) normal = normal.replace(pattern, to);
  return normal;
}

const volatile: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{64}\b/g, "‹sha256›"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "‹uuid›"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC)?/g, "‹time›"],
  [/\b\d\d:\d\d:\d\d(?:\.\d+)?(?: UTC)?/g, "‹time›"],
  [/\b\d{8}T\d{6}Z\b/g, "‹stamp›"],
  [/(?<![\w.])\+?\d+(?:\.\d+)?\s?(?:ms|s|min)\b(?!\w)/g, "‹duration›"],
  [/\bpid (\d+)/gi, "pid ‹pid›"],
  [/\b(127\.0\.0\.1|localhost|\[::1\]):(3[2-9]\d{3}|[45]\d{4}|60\d{3})\b/g, "$1:‹port›"],
];
