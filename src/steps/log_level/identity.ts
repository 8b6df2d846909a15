import type { ProcessIdentity } from "../../model/target.js";

interface WrittenIdentity {
  readonly pid: number;
  readonly start_ticks: string;
  readonly boot_id: string;
}

export const writeIdentity = ({ pid, startTicks, bootId }: ProcessIdentity): WrittenIdentity => ({
  pid,
  start_ticks: startTicks,
  boot_id: bootId,
});

export const identityOf = ({ pid, start_ticks, boot_id }: WrittenIdentity): ProcessIdentity => ({
  pid,
  startTicks: start_ticks,
  bootId: boot_id,
});

export const describeOwner = ({ pid }: ProcessIdentity): string => `process ${pid}`;
