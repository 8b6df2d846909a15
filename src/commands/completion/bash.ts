import type { CompletedCommand, Place } from "./words.js";

/** A script that bash reads: `source <(casebook completion bash)`. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ flags, takes }) => (takes === null ? [] : [valueCase(name, flags, takes)])),
  );
  const options = commands.map(
    ({ name, options: own }) => `      ${name}) _casebook_words '${own.flatMap(({ flags }) => flags).join(" ")}' ;;`,
  );
  const places = commands.flatMap(({ name, places: all }) => {
    const [first] = all;
    return first === undefined ? [] : [`    ${name}) ${offer(first)} ;;`];
  });
  return `# Completion of casebook for bash. To have it in each shell: source <(casebook completion bash) in ~/.bashrc
_casebook_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_casebook_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <({ compgen -d -- "$cur"; "$@"; } | sort -u)
}
_casebook_runbooks() { compgen -f -X '!*.yaml' -- "$cur"; }
_casebook_files() { compgen -f -- "$cur"; }
_casebook_names() { _casebook_words "$(casebook completion bash --list "$1" 2>/dev/null)"; }
_casebook_inputs() {
  local word
  for word in "\${COMP_WORDS[@]:2}"; do
    if [[ $word == *.yaml && -f $word ]]; then
      compopt -o nospace 2>/dev/null
      _casebook_names "inputs:$word"
      return
    fi
  done
}
_casebook_cases() { (cd reports 2>/dev/null && compgen -d -- "$cur"); }

_casebook() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _casebook_words '${names} help --help --version'
    return
  fi
  case "$command $prev" in
${values.join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${options.join("\n")}
    esac
    return
  fi
  case $command in
    help) _casebook_words '${names}' ;;
${places.join("\n")}
  esac
}

complete -F _casebook casebook
`;
}

const valueCase = (command: string, flags: readonly string[], takes: Place): string =>
  `    ${flags.map((flag) => `'${command} ${flag}'`).join(" | ")}) ${offer(takes)}; return ;;`;

function offer(place: Place): string {
  switch (place.type) {
    case "words":
      return `_casebook_words '${place.words.join(" ")}'`;
    case "runbook":
      return "_casebook_paths _casebook_runbooks";
    case "case":
      return "_casebook_paths _casebook_cases";
    case "folder":
      return "_casebook_paths true";
    case "file":
      return "_casebook_paths _casebook_files";
    case "input":
      return "_casebook_inputs";
    case "host":
      return "_casebook_names hosts";
    case "text":
      return ":";
    default:
      return place satisfies never;
  }
}
