import type { EvidenceRef } from "./evidence.js";

/** How a step kind shows its result: typed pieces that every report format can draw. Texts are raw and untrusted. */
export type Block =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "code";
      readonly language: "sh" | "go" | "json" | "yaml" | "http" | "text";
      readonly text: string;
      readonly title?: string;
    }
  /** A captured stream: head and tail as text, the whole in the evidence. */
  | {
      readonly type: "output";
      readonly title: string;
      readonly head: string;
      /** Empty when `head` is all there is. */
      readonly tail: string;
      readonly omittedBytes: number;
      readonly evidence: EvidenceRef | null;
    }
  | {
      readonly type: "table";
      readonly title?: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
      /** Rows left out of `rows`. */
      readonly omittedRows?: number;
    }
  | { readonly type: "facts"; readonly facts: readonly { readonly label: string; readonly value: string }[] }
  /** A unified diff. */
  | { readonly type: "diff"; readonly text: string }
  /** A dialogue with a debugger: what was typed and what came back. */
  | {
      readonly type: "session";
      readonly prompt: string;
      readonly turns: readonly { readonly input: string; readonly output: string }[];
    }
  | {
      readonly type: "stack";
      readonly title: string;
      readonly frames: readonly StackFrame[];
      readonly folded?: boolean;
    };

export interface StackFrame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  /** The frame that matters: shown as such. */
  readonly marked?: boolean;
}
