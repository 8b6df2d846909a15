/** How a terminal was told to print: names of classes, sorted, with blanks between; empty for plain. */
export type Style = string;

export const plainStyle: Style = "";

/** Names of the 16 colours, as classes: `fg1`, `bg9`. Colours beyond them become the nearest, so that a theme can keep them readable. */
export const colours: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [205, 49, 49],
  [13, 188, 121],
  [229, 229, 16],
  [36, 114, 200],
  [188, 63, 188],
  [17, 168, 205],
  [229, 229, 229],
  [102, 102, 102],
  [241, 76, 76],
  [35, 209, 139],
  [245, 245, 67],
  [59, 142, 234],
  [214, 112, 214],
  [41, 184, 219],
  [255, 255, 255],
];

const on: Readonly<Record<number, string>> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
};
const off: Readonly<Record<number, readonly string[]>> = {
  21: [],
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
};

/** The style after a sequence "select graphic rendition" with these parameters. Blinking and concealing are ignored. */
export function select(style: Style, parameters: string): Style {
  const set = new Set(style === "" ? [] : style.split(" "));
  const codes = parameters === "" ? ["0"] : parameters.split(";");
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? "";
    if (code.includes(":")) {
      selectColons(set, code.split(":"));
      continue;
    }
    const number = Number(code);
    if (number === 38 || number === 48) {
      const given = codes.slice(at + 1, at + 5).map(Number);
      colour(set, number === 38 ? "fg" : "bg", given);
      at += given[0] === 5 ? 2 : given[0] === 2 ? 4 : 0;
    } else selectOne(set, number);
  }
  return [...set].sort().join(" ");
}

/** The form with colons: `4:3` (curly), `38:5:208`, `38:2::255:0:0` with an empty colour space. */
function selectColons(set: Set<string>, parts: readonly string[]): void {
  const [first, ...rest] = parts;
  if (first === "4") selectOne(set, rest[0] === "0" ? 24 : 4);
  if (first !== "38" && first !== "48") return;
  const given = rest[0] === "2" && rest.length > 4 ? ["2", ...rest.slice(2)] : rest;
  colour(set, first === "38" ? "fg" : "bg", given.map(Number));
}

function selectOne(set: Set<string>, code: number): void {
  if (code === 0) set.clear();
  const name = on[code];
  if (name !== undefined) set.add(name);
  for (const ended of off[code] ?? []) set.delete(ended);
  if (code >= 30 && code <= 37) replace(set, "fg", code - 30);
  if (code >= 90 && code <= 97) replace(set, "fg", code - 82);
  if (code >= 40 && code <= 47) replace(set, "bg", code - 40);
  if (code >= 100 && code <= 107) replace(set, "bg", code - 92);
  if (code === 39) replace(set, "fg", null);
  if (code === 49) replace(set, "bg", null);
}

function colour(set: Set<string>, plane: "fg" | "bg", given: readonly number[]): void {
  const [form, first = 0, second = 0, third = 0] = given;
  if (form === 5) replace(set, plane, first < 16 ? first : nearest(ofPalette(first)));
  if (form === 2) replace(set, plane, nearest([first, second, third]));
}

function replace(set: Set<string>, plane: "fg" | "bg", index: number | null): void {
  for (const name of set) if (name.startsWith(plane)) set.delete(name);
  if (index !== null) set.add(`${plane}${index}`);
}

/** Entries 16 to 255 of xterm's palette: a cube of six levels, then greys. */
function ofPalette(index: number): readonly [number, number, number] {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return [grey, grey, grey];
  }
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

function nearest(wanted: readonly [number, number, number]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, candidate] of colours.entries()) {
    const distance = candidate.reduce((sum, value, axis) => sum + (value - (wanted[axis] ?? 0)) ** 2, 0);
    if (distance >= least) continue;
    least = distance;
    best = index;
  }
  return best;
}
