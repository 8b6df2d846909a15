import type { CompletedCommand, CompletedOption, Place } from "./words.js";

/** A script that fish reads: `casebook completion fish | source`, or a file in its completions folder. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, places, options }) => {
    const within = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    const [first] = places;
    const offered = first === undefined ? null : candidates(first);
    return [
      `complete -c casebook -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => `complete -c casebook ${within} ${optionWords(option)}`),
      ...(offered === null ? [] : [`complete -c casebook ${within} -a ${quoted(offered)}`]),
    ];
  });
  return `# Completion of casebook for fish: casebook completion fish > ~/.config/fish/completions/casebook.fish
function __casebook_runbooks
    __fish_complete_path (commandline -ct) | string match -r '^[^\\t]*(?:\\.yaml|/)(?:\\t.*)?$'
end
function __casebook_cases
    __fish_complete_directories (commandline -ct)
    for case in reports/*/
        string replace -r '^reports/(.*)/$' '$1' -- $case
    end
end
function __casebook_inputs
    for word in (commandline -opc)
        if string match -q '*.yaml' -- $word; and test -f $word
            casebook completion fish --list inputs:$word 2>/dev/null
            return
        end
    end
end
complete -c casebook -f
${lines.join("\n")}
`;
}

function optionWords({ flags, summary, takes }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const offered = takes === null ? null : candidates(takes);
  const value = takes === null ? "" : offered === null ? " -x" : ` -x -a ${quoted(offered)}`;
  return `${names.join(" ")}${value} -d ${quoted(summary)}`;
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

/** What fish evaluates to candidates; null: nothing is known. */
function candidates(place: Place): string | null {
  switch (place.type) {
    case "words":
      return place.words.join(" ");
    case "runbook":
      return "(__casebook_runbooks)";
    case "case":
      return "(__casebook_cases)";
    case "folder":
      return "(__fish_complete_directories (commandline -ct))";
    case "file":
      return "(__fish_complete_path (commandline -ct))";
    case "input":
      return "(__casebook_inputs)";
    case "host":
      return "(casebook completion fish --list hosts 2>/dev/null)";
    case "text":
      return null;
    default:
      return place satisfies never;
  }
}
