import type { Command } from "../../model/target.js";
import type { CodeSearch, SearchTool } from "./spec.js";

/** Where a search begins: a folder and a path in it. */
export interface Place {
  readonly folder: string;
  /** `.` for the whole folder, else a file's name. */
  readonly path: string;
}

/**
 * The command of one of the tools. All of them search every text file below the place, whatever a .gitignore says, except
 * Git's own folders, and follow no links. What they print is read again by casebook, which alone decides what matches;
 * globs are passed on only where every tool means the same by them.
 */
export function searchCommand(tool: SearchTool, spec: CodeSearch, place: Place): Command {
  const cwd = place.folder;
  switch (tool) {
    case "rg":
      return { cwd, argv: ["rg", "--no-config", "--json", "--no-ignore", "--hidden", ...rgOptions(spec), place.path] };
    case "git":
      return {
        cwd,
        // Perl's syntax holds all of RE2's that a line can need.
        argv: [
          "git",
          "grep",
          "--no-index",
          "--no-color",
          "-nPIz",
          "--column",
          ...lines(spec),
          "-e",
          spec.code,
          ...pathspecs(spec, place),
        ],
      };
    case "grep":
      return {
        cwd,
        argv: [
          "grep",
          "-rnHPIZ",
          "--exclude-dir=.git",
          ...grepGlobs(spec),
          ...lines(spec),
          "-e",
          spec.code,
          "--",
          place.path,
        ],
        // In a locale of UTF-8 a file with one invalid byte would count as binary.
        env: { LC_ALL: "C" },
      };
    default:
      return tool satisfies never;
  }
}

const lines = ({ context }: CodeSearch): readonly string[] => (context === undefined ? [] : [`-C${context}`]);

function rgOptions(spec: CodeSearch): string[] {
  const wanted = simple(spec.files).flatMap((glob) => ["--glob", glob]);
  const unwanted = someSimple(spec.except).flatMap((glob) => ["--glob", `!${glob}`]);
  return [...wanted, ...unwanted, "--glob", "!.git", ...lines(spec), "--regexp", spec.code, "--"];
}

function grepGlobs(spec: CodeSearch): string[] {
  const wanted = simple(spec.files).map((glob) => `--include=${glob}`);
  const unwanted = someSimple(spec.except);
  // The folder that the search begins in is called `.` here, and would be left out by such a glob.
  const folders = unwanted.filter((glob) => !/^[.*?]/.test(glob));
  return [...wanted, ...unwanted.map((glob) => `--exclude=${glob}`), ...folders.map((glob) => `--exclude-dir=${glob}`)];
}

function pathspecs(spec: CodeSearch, { path }: Place): string[] {
  if (path !== ".") return ["--", path];
  const wanted = simple(spec.files).map((glob) => `:(glob)**/${glob}`);
  const unwanted = someSimple(spec.except).flatMap((glob) => [
    `:(exclude,glob)**/${glob}`,
    `:(exclude,glob)**/${glob}/**`,
  ]);
  return ["--", ...(wanted.length === 0 ? ["."] : wanted), ...unwanted];
}

const isSimple = (glob: string): boolean => /^[\w.*?-]+$/.test(glob) && !glob.includes("**");

/** Files that are wanted can be passed on only if all of their globs can be. */
const simple = (globs: readonly string[] | undefined): readonly string[] => (globs?.every(isSimple) ? globs : []);

const someSimple = (globs: readonly string[] | undefined): readonly string[] => (globs ?? []).filter(isSimple);
