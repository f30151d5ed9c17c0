import { Argument, Command } from 'commander';
import { createBashCompletion } from '../completion/bash-completion.ts';
import { describeProgram } from '../completion/program-description.ts';
import { createZshCompletion } from '../completion/zsh-completion.ts';
import { type CommandIo, print } from './command-io.ts';

const scripts = { bash: createBashCompletion, zsh: createZshCompletion };

/** `completion`: prints a script with which a shell completes the commands and options of `program`. */
export function createCompletionCommand(io: CommandIo, program: Command): Command {
  const command = new Command('completion').description('Print a script: source <(instellix completion bash)');
  command.addArgument(new Argument('<shell>', 'Which shell').choices(Object.keys(scripts)));
  return command.action((shell: keyof typeof scripts) => print(io, scripts[shell](describeProgram(program))));
}
