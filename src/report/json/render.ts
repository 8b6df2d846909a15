import type { Report } from "../../model/report.js";

/** The report as JSON: the value that templates see, indented by two blanks, with a final newline. */
export const renderJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;
