import type { CommandDescription, OptionValue, ProgramDescription } from './program-description.ts';

/** Creates a completion script for zsh, to be sourced after `compinit` or saved as `_instellix` in a directory of `fpath`. */
export function createZshCompletion({ name, commands }: ProgramDescription): string {
  return `#compdef ${name}
_${name}() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.map((command) => `      ${quote(`${command.name}:${escapeSpec(command.summary)}`)}`).join('\n')}
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(toCommandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi`;
}

function toCommandCase({ name, options, arguments: choices }: CommandDescription): string {
  const flags = options.map(({ flag, summary, value }) => `${flag}[${escapeSpec(summary)}]${toAction(value)}`);
  const positional = choices.map((words, index) => `${index + 1}${toAction(words.length > 0 ? words : 'any')}`);
  const specs = [...flags, '--help[Show the options]', ...positional];
  return `    ${name}) _arguments ${specs.map(quote).join(' ')} ;;`;
}

function toAction(value: OptionValue): string {
  if (value === 'none') return '';
  if (value === 'any') return ':value: ';
  if (value === 'file') return ':file:_files';
  return value === 'directory' ? ':directory:_files -/' : `:value:(${value.join(' ')})`;
}

/** Escapes the characters with which `_arguments` and `_describe` separate the parts of a specification. */
function escapeSpec(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
