/** A line that is drawn, with the columns that it takes. */
export interface RegionLine {
  readonly text: string;
  readonly width: number;
}

/**
 * The last rows of a terminal, drawn over and over, while lines that stay scroll away above. The cursor rests below them and is
 * never hidden: whatever ends the process, the terminal is as it was.
 */
export interface Region {
  /** Draws these lines in place of those that are there. */
  draw(lines: readonly RegionLine[]): void;
  /** Writes a text that stays, and draws below it. */
  print(text: string, lines: readonly RegionLine[]): void;
  /** The terminal has so many columns now; what was drawn may take more rows than before. */
  resize(columns: number): void;
}

export function createRegion(write: (text: string) => void): Region {
  let drawn: readonly RegionLine[] = [];
  /** Rows that `drawn` takes. */
  let height = 0;

  // Row by row: some terminals keep a copy of what `ED` clears. The row of the cursor may hold a key's echo, such as ^C.
  const erase = (): string => (height === 0 ? "" : `\r\u001b[2K${"\u001b[A\u001b[2K".repeat(height)}`);

  const put = (text: string, lines: readonly RegionLine[]): void => {
    const sent = `${erase()}${text}${lines.map((line) => `${line.text}\n`).join("")}`;
    if (sent !== "") write(sent);
    drawn = lines;
    height = lines.length;
  };

  return {
    draw(lines) {
      const isSame = lines.length === drawn.length && lines.every(({ text }, index) => text === drawn[index]?.text);
      if (!isSame) put("", lines);
    },
    print: put,
    resize(columns) {
      // Terminals break rows anew that do not fit any more.
      const rows = drawn.map(({ width }) => Math.max(1, Math.ceil(width / Math.max(1, columns))));
      height = rows.reduce((sum, count) => sum + count, 0);
    },
  };
}
