import type { CommandDescription, OptionValue, ProgramDescription } from './program-description.ts';

/** Creates a completion script for bash 3.2 (macOS) and newer. */
export function createBashCompletion({ name, commands }: ProgramDescription): string {
  const values = commands.flatMap((command) =>
    command.options.flatMap(({ flag, value }) => toValueCase(`${command.name} ${flag}`, value)),
  );
  const names = commands.map((command) => command.name);
  return `# bash completion of ${name}
_${name}() {
  local IFS=$' \\t\\n' cur=\${COMP_WORDS[COMP_CWORD]} words=''
  COMPREPLY=()
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD - 1]}" in
${values.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${names.join(' ')}'
  else
    case \${COMP_WORDS[1]} in
${commands.map(toCommandCase).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _${name} ${name}`;
}

function toValueCase(words: string, value: OptionValue): string[] {
  if (value === 'none') return [];
  if (value === 'any') return [`    '${words}') return ;;`];
  if (typeof value !== 'string') {
    return [`    '${words}') COMPREPLY=($(compgen -W '${value.join(' ')}' -- "$cur")); return ;;`];
  }
  // A path may contain spaces. For it alone, bash adds slashes and escapes; bash 3.2 does not have `compopt`.
  const complete = `COMPREPLY=($(compgen ${value === 'file' ? '-f' : '-d'} -- "$cur"))`;
  return [`    '${words}') IFS=$'\\n'; compopt -o filenames 2> /dev/null; ${complete}; return ;;`];
}

function toCommandCase({ name, options, arguments: choices }: CommandDescription): string {
  const words = [...choices.flat(), ...options.map(({ flag }) => flag), '--help'];
  return `      ${name}) words='${words.join(' ')}' ;;`;
}
