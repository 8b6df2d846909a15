import type { AnyStepKind, LoadKinds } from "../model/step-kind.js";

/** What loads each kind of step. A new kind is one folder and one line here. */
const loaders: Readonly<Record<string, () => Promise<AnyStepKind>>> = {
  note: async () => (await import("./note/index.js")).note,
  run: async () => (await import("./run/index.js")).run,
  start: async () => (await import("./start/index.js")).start,
  http: async () => (await import("./http/index.js")).http,
  sockets: async () => (await import("./sockets/index.js")).sockets,
  processes: async () => (await import("./processes/index.js")).processes,
  search: async () => (await import("./search/index.js")).search,
  log: async () => (await import("./log/index.js")).log,
  log_level: async () => (await import("./log_level/index.js")).logLevel,
  strace: async () => (await import("./strace/index.js")).strace,
  delve: async () => (await import("./delve/index.js")).delve,
  debug: async () => (await import("./debug/index.js")).debug,
  catch: async () => (await import("./catch/index.js")).catchKind,
  ask: async () => (await import("./ask/index.js")).ask,
  use: async () => (await import("./use/index.js")).use,
  diff: async () => {
    const { createDiff, probeNames } = await import("./diff/index.js");
    return createDiff(await loadKinds(probeNames));
  },
};

/** The names of all kinds, in the order in which they are shown. */
export const kindNames: readonly string[] = Object.keys(loaders);

/** Loads kinds by their names, in the order of `kindNames`; names of no kind are left out. */
export const loadKinds: LoadKinds = async (names) => {
  const wanted = new Set(names);
  const found = Object.entries(loaders).filter(([name]) => wanted.has(name));
  return new Map(await Promise.all(found.map(async ([name, load]) => [name, await load()] as const)));
};
