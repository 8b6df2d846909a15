/**
 * The candidate that `word` was probably meant to be, or null: the nearest by Damerau-Levenshtein distance (optimal string
 * alignment), at most a third of the word's length away. Letter case costs nothing extra; the first of equals wins.
 */
export function nearMiss(word: string, candidates: Iterable<string>): string | null {
  const wanted = word.slice(0, 64).toLowerCase();
  const letters = sorted(wanted);
  let best: string | null = null;
  let limit = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= limit || candidate === word) continue;
    // The right letters in a wrong order are a slip, however many were swapped.
    const far = letters === sorted(candidate) ? 1 : distance(wanted, candidate.toLowerCase());
    if (far < limit && far < Math.max(wanted.length, candidate.length)) {
      best = candidate;
      limit = far;
    }
  }
  return best;
}

/** `did you mean "sockets"?`, or null when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | null {
  const near = nearMiss(word, candidates);
  return near === null ? null : `did you mean "${near}"?`;
}

const sorted = (word: string): string => [...word.toLowerCase()].sort().join("");

function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
