import * as z from "zod";
import { isJsonObject, type Json } from "../../model/json.js";
import type { Opened, Outline, StepContext, StepKind } from "../../model/step-kind.js";
import { begin, type Collected } from "./collect.js";
import { read } from "./read.js";
import { type CatchResult, type CatchSpec, hit, normalise, opened, result, spec, written } from "./spec.js";
import { view } from "./view.js";

async function open(spec: CatchSpec, context: StepContext): Promise<Opened<Collected>> {
  const collecting = await begin(spec, context, true);
  const broken = new Promise<string>((resolve) => {
    collecting.done.catch((error: unknown) => resolve(error instanceof Error ? error.message : String(error)));
  });
  return {
    value: { pid: collecting.pid },
    broken,
    async close() {
      collecting.end("during");
      return await collecting.done;
    },
  };
}

const observe = async (spec: CatchSpec, context: StepContext): Promise<Collected> =>
  await (await begin(spec, context, false)).done;

function outline(given: Json): Outline {
  const fields = isJsonObject(given) ? given : {};
  const places = Array.isArray(fields.at) ? fields.at.map(String) : [];
  const where = typeof fields.where === "string" ? ` if ${fields.where}` : "";
  const returns = fields.results === false ? "call" : "call and return";
  return {
    risk: "observe",
    tools: [],
    commands: places.map((place) => `(dlv) break ${place}${where}`),
    changes: [
      {
        what: `stops the program for some milliseconds at each ${returns} of ${places.join(", ")}`,
        undo: "removes the breakpoints",
      },
    ],
  };
}

/** Catches every call of a function. */
export const catchKind: StepKind<CatchSpec, Collected, CatchResult> = {
  name: "catch",
  doc:
    "Lets the program of the enclosing `delve` step run and catches every call of a function, in every goroutine, with its stack and " +
    "what it returns. Collects for the length of `during`, or until `count`, `until` or `for`; the end of the program ends it too. " +
    "After `count` or `until`, which sees the newest 1000 hits, calls under way get 2 s to return. Afterwards the program stands, or " +
    "runs on, as it did before. `lost` counts hits that Delve has counted and casebook has not seen; it fails " +
    "the step when it is not 0. A call that has not returned at the end has `returned: null`. `socket` is the one that a call returned, " +
    "found by its descriptor while the program stood; where there is none `no_socket` says why. `caller` is the first frame outside " +
    "Go's standard library that is not the function itself, `callers` all such frames, `created_by` the place of the `go` statement. `stopped_milliseconds` is " +
    "measured from Delve's answer on, for entry and return; goroutines that arrive together share it. Of an optimized program results are read " +
    "where Go on amd64 returns them in registers. Of a stripped one, which takes Delve 1.24, there are hits, stacks, and the sockets " +
    "that functions of package net give; values are null, and say so.",
  example: `id: every_hit
delve: { exec: [/usr/local/bin/kubelet, --v=2] }
during:
  - id: listens
    catch: { at: net.Listen, read: [network, address], stack: 30, results: true, for: 20s }
    save:
      opener: first(result.hits.filter(h, h.values.address.endsWith(":0")))`,
  spec,
  written,
  result,
  opened,
  inside: ["delve"],
  notInside: ["catch"],
  normalise,
  during: (given) =>
    isJsonObject(given) && (given.count !== undefined || given.until !== undefined || given.for !== undefined)
      ? "allowed"
      : "required",
  conditionNames: () => ({ hits: z.array(hit) }),
  outline,
  open,
  observe,
  read,
  failure: (_, { lost }) =>
    lost === 0
      ? null
      : `${lost} ${lost === 1 ? "hit was" : "hits were"} counted by Delve and not seen: what was caught is incomplete`,
  view,
};
