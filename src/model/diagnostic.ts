/** A point in a text; `line` and `column` count from 1, `offset` from 0 in UTF-16 units. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** A range of a file; `end` is exclusive. */
export interface Place {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** A mistake of an author: what is wrong and where, what was expected, what was found, what to do. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Stable, kebab-case, for editors and CI: `unknown-key`, `missing-input`. */
  readonly code: string;
  /** One sentence that names what was expected and what was found. */
  readonly message: string;
  readonly place?: Place;
  /** What to do: `did you mean "sockets"?`, `quote it: "{{port}}"`. */
  readonly hint?: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
