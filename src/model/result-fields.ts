import * as z from "zod";
import { CutText } from "./value.js";

/** A text of a result, of which the middle may have been left out; a journal read again gives its JSON form. */
export const text = () => z.union([z.string(), z.instanceof(CutText), cutText]);

const cutText = z
  .strictObject({ truncated: z.literal(true), head: z.string(), tail: z.string(), omitted_bytes: z.int() })
  .transform((cut) => new CutText(cut.head, cut.tail, cut.omitted_bytes));

/** A time on the host's clock; a journal read again gives RFC 3339, which becomes a Date. */
export const time = () => z.union([z.date(), z.iso.datetime({ offset: true }).transform((value) => new Date(value))]);

/** Of a result that examined a process; the report lists it. */
export const examinedBinary = {
  executable: z.string().nullable().describe("The examined program's file; null where it could not be read."),
  executable_sha256: z.string().nullable(),
};
