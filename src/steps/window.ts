/** The first and the last rows of a sequence of any length. */
export interface Window<T> {
  push(row: T): void;
  readonly first: readonly T[];
  /** How many rows between them were left out, and their size. */
  readonly left: number;
  readonly leftSize: number;
  last(): readonly T[];
}

const eachRows = 5000;
const eachSize = 4 * 1024 * 1024;

/** Keeps 5000 rows, or what has a size of 4 Mi, at each end. */
export function window<T>(sizeOf: (row: T) => number): Window<T> {
  const first: T[] = [];
  let firstSize = 0;
  // Rows leave at the front: an index that advances, and from time to time a copy, instead of a shift for each.
  let tail: T[] = [];
  let from = 0;
  let tailSize = 0;
  let left = 0;
  let leftSize = 0;
  return {
    push(row) {
      const size = sizeOf(row);
      if (tail.length === 0 && left === 0 && first.length < eachRows && firstSize + size <= eachSize) {
        first.push(row);
        firstSize += size;
        return;
      }
      tail.push(row);
      tailSize += size;
      while (tail.length - from > eachRows || (tailSize > eachSize && tail.length - from > 1)) {
        const gone = sizeOf(tail[from] as T); // from < tail.length
        from++;
        tailSize -= gone;
        leftSize += gone;
        left++;
      }
      // As many rows have left as are there: more would be held in memory by what is left of them.
      if (from * 2 > tail.length) {
        tail = tail.slice(from);
        from = 0;
      }
    },
    first,
    get left() {
      return left;
    },
    get leftSize() {
      return leftSize;
    },
    last: () => tail.slice(from),
  };
}
