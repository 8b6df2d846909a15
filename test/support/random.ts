/** Reproducible numbers in [0, 1): mulberry32, seeded by CASEBOOK_SEED or the clock. Tests print the seed. */
export function createRandom(): { readonly seed: number; next(): number } {
  const seed = Number(process.env.CASEBOOK_SEED ?? Date.now() % 2 ** 31);
  let state = seed;
  return {
    seed,
    next() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}
