import type { Json } from "./json.js";
import type { RichText } from "./rich-text.js";

/** Something that a verdict or the standing of a hypothesis rests on. */
export interface Ground {
  readonly step: string;
  readonly title: RichText;
  readonly expectation: string | null;
  /** Of the expectation, else of the step. */
  readonly anchor: string;
  /** Whether the expectation holds; null: unknown, or no expectation. */
  readonly holds: boolean | null;
  readonly that: string | null;
  /** Values that were read of it. */
  readonly seen: readonly SeenValue[];
  /** The captured line that shows the values seen, where one does. */
  readonly line: EvidenceLine | null;
}

/** One line (row, frame, turn) of a block. */
export interface EvidenceLine {
  readonly anchor: string;
  /** Of the block that holds it: for formats whose lines have no anchors. */
  readonly block: string;
  /** `stdout, line 12` */
  readonly label: string;
  readonly text: string;
}

/** A path that a condition or a text reads, and the value that it met there. */
export interface SeenValue {
  readonly path: string;
  readonly value: Json;
}
