import type { CompletedCommand, CompletedOption, Place } from "./words.js";

/** A script that zsh reads: `source <(casebook completion zsh)`, or a file `_casebook` in `fpath`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, places, more, options }) => {
    const specs = [
      ...options.flatMap(optionSpecs),
      ...places.map((place, index) => {
        const isLast = index === places.length - 1;
        return `${more && isLast ? "*" : index + 1}:${place.type}:${action(place)}`;
      }),
    ];
    return `    ${name})\n      _arguments -S ${specs.map((spec) => `\\\n        ${quoted(spec)}`).join(" ")} ;;`;
  });
  return `#compdef casebook
# Completion of casebook for zsh. To have it in each shell: source <(casebook completion zsh) in ~/.zshrc, after compinit
_casebook_cases() {
  local -a cases=(reports/*(N/:t))
  compadd -a cases
  _files -/
}

_casebook_hosts() { compadd -- \${(f)"$(casebook completion zsh --list hosts 2>/dev/null)"} }
_casebook_inputs() {
  local word
  for word in $words; do
    if [[ $word == *.yaml && -f $word ]]; then
      compadd -S '' -- \${(f)"$(casebook completion zsh --list inputs:$word 2>/dev/null)"}
      return
    fi
  done
}

_casebook() {
  local -a commands=(
${names.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join("\n")}
  esac
}

if [[ $funcstack[1] == _casebook ]]; then
  _casebook "$@"
else
  compdef _casebook casebook
fi
`;
}

function optionSpecs({ flags, summary, takes }: CompletedOption): readonly string[] {
  const value = takes === null ? "" : `:${takes.type}:${action(takes)}`;
  return flags.map((flag) => `*${flag}[${escaped(summary)}]${value}`);
}

/** Brackets and colons end a description. */
const escaped = (text: string): string => text.replace(/[\\[\]:]/g, "\\$&");

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function action(place: Place): string {
  switch (place.type) {
    case "words":
      return `(${place.words.join(" ")})`;
    case "runbook":
      return '_files -g "*.yaml"';
    case "case":
      return "_casebook_cases";
    case "folder":
      return "_files -/";
    case "file":
      return "_files";
    case "input":
      return "_casebook_inputs";
    case "host":
      return "_casebook_hosts";
    case "text":
      return " ";
    default:
      return place satisfies never;
  }
}
