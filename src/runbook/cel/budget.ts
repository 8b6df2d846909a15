/** What one evaluation may cost, in steps of roughly 100 ns: a second, where an expression would run for years. */
const steps = 10_000_000;

/** The longest list an expression may make or go through. */
export const maximumItems = 100_000;

/** The longest text an expression may make, in UTF-16 units. */
export const maximumText = 16 * 1024 * 1024;

/** Thrown by `spend`, caught where an evaluation begins. */
export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
}

/** Ends an evaluation that costs too much: CEL always ends, but nested macros may take years to. */
export class Budget {
  #left = steps;

  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new BudgetSpent("the expression needs too many steps: filter or bound its lists first");
  }
}
