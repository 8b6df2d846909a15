import * as z from "zod";
import { writtenIdentity } from "../../linux/written-identity.js";
import { signals } from "./spec.js";

const request = z.strictObject({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
  insecure: z.boolean(),
  pattern: z.string().nullable(),
});

export type WrittenRequest = z.infer<typeof request>;

const command = z.union([z.string(), z.array(z.string())]);

/** Where a level is set and, with `get`, read: enough for another process to do it. `$level` stands for the level. */
const channel = z.discriminatedUnion("way", [
  z.strictObject({ way: z.literal("klog"), url: z.string() }),
  z.strictObject({ way: z.literal("zap"), url: z.string() }),
  z.strictObject({ way: z.literal("http"), get: request.nullable(), set: request }),
  z.strictObject({
    way: z.literal("command"),
    get: command.nullable(),
    set: command,
    env: z.record(z.string(), z.string()),
  }),
]);

export type Channel = z.infer<typeof channel>;

const asked = z.strictObject({
  through: z.literal("channel"),
  channel,
  before: z.string(),
  to: z.string(),
  /** The process that listens there, where it is known. */
  owner: writtenIdentity.nullable(),
  /** The run started that process itself, and ends it. */
  ours: z.boolean(),
});

const edited = z.strictObject({
  through: z.literal("file"),
  path: z.string(),
  /** Where the level stands, in bytes, and what stood there, in base64. */
  offset: z.int(),
  before: z.string(),
  to: z.string(),
  sha256_before: z.string(),
  sha256_during: z.string(),
  reload: command.nullable(),
  env: z.record(z.string(), z.string()),
});

const signalled = z.strictObject({
  through: z.literal("signal"),
  process: writtenIdentity,
  signal: z.enum(signals),
  /** The file on the host that counts them. */
  tally: z.string(),
});

/** What has to be put back. */
export const token = z.discriminatedUnion("through", [asked, edited, signalled]);

export type AskedToken = z.infer<typeof asked>;
export type EditedToken = z.infer<typeof edited>;
export type SignalledToken = z.infer<typeof signalled>;

/** The first secret that the journal left out of a token, or null. */
export const maskedIn = (written: unknown): string | null =>
  /\[masked:([a-z][a-z0-9_]*)\]/.exec(JSON.stringify(written))?.[1] ?? null;
