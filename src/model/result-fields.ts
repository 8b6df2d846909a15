import { z } from "zod";
import { CutText } from "./value.js";

/** A text of a result, of which the middle may have been left out. */
export const text = () => z.union([z.string(), z.instanceof(CutText)]);

/** A time on the host's clock; a journal read again gives RFC 3339, which becomes a Date. */
export const time = () => z.union([z.date(), z.iso.datetime({ offset: true }).transform((value) => new Date(value))]);
