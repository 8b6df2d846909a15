import * as z from "zod";

/**
 * What a leaf of a kind's spec is for. It decides what the language does with a text there: plain texts (no role) are
 * templated; a `command`'s text form is a shell text and never templated, its list form is templated per argument;
 * `condition` and `literal` are left alone; `input` is left alone unless it is exactly one mustache; `step` names another
 * step; `secret` is templated and may, with all below it, hold a secret; `rich` is Markdown with blocks.
 */
export type FieldRole =
  | "command"
  | "argv"
  | "condition"
  | "pattern"
  | "duration"
  | "step"
  | "literal"
  | "input"
  | "secret"
  | "rich";

/** The role of each schema that has one. The language looks here while it walks a kind's `spec`. */
export const roles = z.registry<{ readonly role: FieldRole; readonly opened?: string }>();

/** A shell text, or a list of arguments. */
export const command = () =>
  z
    .union([z.string().min(1), words()], { error: "expected a shell text or a list of arguments" })
    .register(roles, { role: "command" });

/** A list of arguments; a single mustache that yields a list may stand for it. */
export const argv = () => words().register(roles, { role: "argv" });

const words = () =>
  z
    .array(z.string())
    .min(1)
    .refine(([program]) => program !== "", { error: "expected a program as the first argument, found an empty text" });

/** A CEL text. */
export const condition = () => z.string().min(1).register(roles, { role: "condition" });

/** An RE2 pattern, templated like any text; validated when it is compiled. */
export const pattern = () => z.string().min(1).register(roles, { role: "pattern" });

/** The id of another step. */
export const stepId = () => z.string().min(1).register(roles, { role: "step" });

/** The id of a step of this kind, open around the one that names it. */
export const openStepId = (kind: string) => z.string().min(1).register(roles, { role: "step", opened: kind });

/** A text that is taken as it stands, mustaches included. */
export const literal = () => z.string().register(roles, { role: "literal" });

/** What a program reads: a text as it stands, or one mustache; a list or an object is given as JSON. */
export const input = () =>
  z
    .union([z.string(), z.array(z.json()), z.record(z.string(), z.json())], {
      error: "expected what the program reads",
    })
    .register(roles, { role: "input" });

/** Markdown with values, `{{#if}}` and `{{#each}}`; the kind gets it as plain text. */
export const rich = () => z.string().min(1).register(roles, { role: "rich" });

/** Marks what may hold a secret, with all below it: headers, a body. */
export function mayHoldSecret<T extends z.ZodType>(schema: T): T {
  roles.add(schema, { role: "secret" });
  return schema;
}

/** An integer, also in digits as text, as a mustache of a text gives it. */
export const integer = (range: { readonly least?: number; readonly most?: number } = {}) => {
  const { least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER } = range;
  const bounds =
    range.least === undefined ? "" : range.most === undefined ? ` of at least ${least}` : ` from ${least} to ${most}`;
  return z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^-?\d{1,15}$/)
          .transform(Number),
      ],
      { error: "expected an integer" },
    )
    .refine((value) => value >= least && value <= most, { error: `expected an integer${bounds}` });
};

/** The number of a process. */
export const pid = () => integer({ least: 1 });

/** The number of a TCP or UDP port. */
export const port = () => integer({ least: 1, most: 65_535 });

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `250ms`, `30s`, `5m`, `1.5h`; null when it is none. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (match === null) return null;
  return Math.round(Number(match[1]) * durationUnits[match[2] as keyof typeof durationUnits]);
}

/** A duration as it would be written, in the largest unit of which it is a whole number: `90s`, `10m`. */
export const writeDuration = (milliseconds: number): string => inUnits(milliseconds, durationUnits);

function inUnits(amount: number, units: Readonly<Record<string, number>>): string {
  const all = Object.entries(units);
  const [unit, each] = all.findLast(([, size]) => amount > 0 && amount % size === 0) ?? all[0] ?? ["", 1];
  return `${amount / each}${unit}`;
}

/** What a timer takes: 2^31 - 1 milliseconds. */
export const longestDuration = 24 * durationUnits.d;

/** A duration as it is written, with a unit: whoever writes `5` means seconds as often as milliseconds. Yields milliseconds. */
export const duration = () =>
  z
    .string()
    .transform((text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds !== null && milliseconds <= longestDuration) return milliseconds;
      context.addIssue({ code: "custom", message: "expected a duration such as 250ms, 30s or 5m, at most 24d" });
      return z.NEVER;
    })
    .register(roles, { role: "duration" });

const sizeUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

/** A size as it would be written: `100MiB`. */
export const writeSize = (bytes: number): string => inUnits(bytes, sizeUnits);

/** Bytes of `512B`, `64KiB`, `1.5GiB`; null when it is none. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)$/.exec(text.trim());
  if (match === null) return null;
  return Math.round(Number(match[1]) * sizeUnits[match[2] as keyof typeof sizeUnits]);
}
