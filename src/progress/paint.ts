/** How marks are coloured: by their meaning. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

const sgr =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

const same = (text: string): string => text;

const painted: Paint = { good: sgr(32), bad: sgr(31), warn: sgr(33), quiet: sgr(2), strong: sgr(1) };
const unpainted: Paint = { good: same, bad: same, warn: same, quiet: same, strong: same };

export const paintOf = (colour: boolean): Paint => (colour ? painted : unpainted);
