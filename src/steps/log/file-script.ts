import { isJsonObject, type Json } from "../../model/json.js";

/** A file as it was at some time: everything up to `size` was there. */
export interface FileMark {
  /** Inode number and time of birth, since a number is soon used again: `1234:1760220855.250000000`; null: no such file. */
  readonly inode: string | null;
  readonly size: number;
}

/** Prints `INODE SIZE`, or nothing when there is no such file. */
export const markCommand = (path: string): readonly string[] => [
  "/bin/sh",
  "-c",
  'stat -L -c "%i:%.9W %s" -- "$1" 2>/dev/null || :',
  "mark",
  path,
];

export function parseMark(text: string): FileMark {
  const [inode, size] = text.trim().split(" ");
  return inode === undefined || inode === "" ? { inode: null, size: 0 } : { inode, size: Number(size) };
}

/** A mark that comes back as JSON. */
export function readMark(written: Json | undefined): FileMark | null {
  if (!isJsonObject(written)) return null;
  const { inode, size } = written;
  if (typeof size !== "number") return null;
  return typeof inode === "string" || inode === null ? { inode, size } : null;
}

/** What the scripts say on standard error beside what tools say. */
export const notes = {
  lost: "casebook: the file was replaced and what was written to it before is gone",
  truncated: "casebook: the file was truncated; what was in it before is gone",
  read: "casebook: read",
  following: "casebook: following",
} as const;

/**
 * Shell functions shared by both scripts. `$1` is the path, `$2` and `$3` the inode and size of the mark, empty and 0 for the
 * beginning. A file that was renamed since is found in its folder by its inode.
 */
const shared = `
export LC_ALL=C
path=$1 inode=$2 size=$3
renamed() {
  found=$(find "$(dirname -- "$path")" -maxdepth 1 -type f -inum "\${inode%%:*}" 2>/dev/null | head -n 1)
  [ -z "$found" ] || [ "$(stat -c '%i:%.9W' -- "$found")" != "$inode" ] || echo "$found"
}
beginning() { # of the file on descriptor 3, whose inode is $1 and size $2: the byte to begin at
  from=1
  if [ "$1" = "$inode" ]; then
    if [ "$2" -ge "$size" ]; then from=$((size + 1)); else echo '${notes.truncated}' >&2; fi
  fi
}
`;

/**
 * Prints a file from its mark to its present end, before that the rest of the file that was rotated away since. Tells on
 * standard error which inode it has read to which byte.
 */
export const readScript = `${shared}
rest() {
  old=$(renamed)
  if [ -n "$old" ]; then tail -c "+$((size + 1))" -- "$old"; else echo '${notes.lost}' >&2; fi
}
{
  set -- $(stat -L -c '%i:%.9W %s' /proc/self/fd/3)
  [ -z "$inode" ] || [ "$1" = "$inode" ] || rest
  beginning "$1" "$2"
  [ "$2" -lt "$from" ] || tail -c "+$from" /proc/self/fd/3 | head -c "$(($2 - from + 1))"
  echo "${notes.read} $1 $2" >&2
} 3<"$path"
`;

/**
 * Prints what is written to a file from its mark on, until it is ended by SIGTERM. Every file that bears the name gets a tail
 * of its own, on its descriptor, which goes on when the file is renamed or deleted; one more tail, which follows the
 * name, wakes the script when another file has taken it. With GNU's \`--pid\` the tails read once more when the script has
 * ended, so that nothing written before the end is lost.
 */
export const followScript = `${shared}
last=
if tail --help 2>&1 | grep -q -e --pid; then last="--pid=$$ -s 0.05"; fi
seen=
follow() { # $1: the byte to begin at; descriptor 3: the file
  # Ignored from before the fork on: a signal to the group must not find the tail before it ignores it.
  [ -z "$last" ] || trap '' TERM INT HUP QUIT
  tail -c "+$1" $last -f /proc/self/fd/3 &
  trap - TERM INT HUP QUIT
}
look() {
  {
    set -- $(stat -L -c '%i:%.9W %s' /proc/self/fd/3)
    case " $seen " in *" $1 "*) return 0;; esac
    seen="$seen $1"
    beginning "$1" "$2"
    follow "$from"
  } 3<"$path"
}
present=$(stat -L -c '%i:%.9W' -- "$path" 2>/dev/null)
if [ -n "$inode" ] && [ "$present" != "$inode" ]; then
  old=$(renamed)
  if [ -n "$old" ]; then
    seen="$seen $inode"
    follow "$((size + 1))" 3<"$old"
  else
    echo '${notes.lost}' >&2
  fi
fi
[ -z "$present" ] || look
echo '${notes.following}' >&2
buffered=
if echo x | grep -q --line-buffered x 2>/dev/null; then buffered=--line-buffered; fi
# The header is printed once the name is watched: whatever happened to the file before that is seen then.
tail -v -n 0 -F -- "$path" 2>&1 | grep -a $buffered -e '^==> ' -e '^tail: ' |
  while read -r event; do [ ! -e "$path" ] || look; done
`;
