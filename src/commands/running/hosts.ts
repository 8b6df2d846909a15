import { readInventory } from "../../runbook/inventory-file.js";
import { hostMistake } from "../../targets/index.js";
import { orUsageError, readText } from "../inputs/given-inputs.js";
import type { Io } from "../io.js";
import { UsageError } from "../usage-error.js";

/** Where a runbook is to run. */
export interface ChosenHost {
  /** As in `--host`. */
  readonly url: string;
  /** What an inventory calls it; null: it is in none. */
  readonly label: string | null;
  /** What an inventory gives for it. */
  readonly inputs: ReadonlyMap<string, unknown>;
}

/**
 * The hosts that a command line names: of an inventory those that `--host` picks by name, in its order, or all of them; what
 * is not in it stands for itself. Throws `UsageError`.
 */
export async function chosenHosts(
  io: Io,
  options: { readonly host?: readonly string[]; readonly inventory?: string },
  otherwise: string,
): Promise<readonly ChosenHost[]> {
  const chosen = await namedHosts(io, options, otherwise);
  for (const { url, label } of chosen)
    await checkHost(url, label === null ? "--host" : `${options.inventory}: ${label}`);
  return chosen;
}

/** Throws `UsageError` for what names no host at all. @param from where it is written */
export async function checkHost(url: string, from = "--host"): Promise<void> {
  const mistake = await hostMistake(url);
  if (mistake !== null) throw new UsageError(`${from}: ${mistake}`);
}

async function namedHosts(
  io: Io,
  { host, inventory }: { readonly host?: readonly string[]; readonly inventory?: string },
  otherwise: string,
): Promise<readonly ChosenHost[]> {
  if (inventory === undefined) return (host ?? [otherwise]).map(alone);
  const text = await readText(io.cwd, inventory);
  const known = orUsageError(io, readInventory(text, inventory), text, "the inventory is not as it should be").map(
    ({ name, url, inputs }): ChosenHost => ({ url, label: name, inputs }),
  );
  return host === undefined ? known : host.map((named) => known.find(({ label }) => label === named) ?? alone(named));
}

const alone = (url: string): ChosenHost => ({ url, label: null, inputs: new Map() });
