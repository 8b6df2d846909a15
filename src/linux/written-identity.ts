import * as z from "zod";
import type { ProcessIdentity } from "../model/target.js";

/** A process as a token names it: another process can tell it from a later one with the same pid. */
export const writtenIdentity = z.strictObject({
  pid: z.int().positive(),
  start_ticks: z.string(),
  boot_id: z.string(),
});

export type WrittenIdentity = z.infer<typeof writtenIdentity>;

export const writeIdentity = ({ pid, startTicks, bootId }: ProcessIdentity): WrittenIdentity => ({
  pid,
  start_ticks: startTicks,
  boot_id: bootId,
});

export const readIdentity = ({ pid, start_ticks, boot_id }: WrittenIdentity): ProcessIdentity => ({
  pid,
  startTicks: start_ticks,
  bootId: boot_id,
});
