import type { AnyStepKind, StepKinds } from "../model/step-kind.js";
import { ask } from "./ask/index.js";
import { catchKind } from "./catch/index.js";
import { debug } from "./debug/index.js";
import { delve } from "./delve/index.js";
import { createDiff } from "./diff/index.js";
import { http } from "./http/index.js";
import { log } from "./log/index.js";
import { logLevel } from "./log_level/index.js";
import { note } from "./note/index.js";
import { processes } from "./processes/index.js";
import { run } from "./run/index.js";
import { search } from "./search/index.js";
import { sockets } from "./sockets/index.js";
import { start } from "./start/index.js";
import { strace } from "./strace/index.js";

const byName = (list: readonly AnyStepKind[]): StepKinds => new Map(list.map((kind) => [kind.name, kind]));

const plain = byName([
  note,
  run,
  start,
  http,
  sockets,
  processes,
  search,
  log,
  logLevel,
  strace,
  delve,
  debug,
  catchKind,
  ask,
]);

/** Every kind of step by its name. A new kind is one folder and one line here. */
export const kinds: StepKinds = new Map([...plain, ...byName([createDiff(plain)])]);
