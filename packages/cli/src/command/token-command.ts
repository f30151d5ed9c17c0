import { Command } from 'commander';
import { addClientFlags, type ClientFlags } from './client-flags.ts';
import { type CommandIo, print } from './command-io.ts';
import { openClient } from './open-client.ts';
import { Progress } from './progress.ts';

/** `token`: prints an access token, which all processes of the user share. */
export function createTokenCommand(io: CommandIo): Command {
  const command = new Command('token').description('Print an access token, shared through the file store');
  command.option('--header', 'Print the whole header, for curl -H');
  return addClientFlags(command).action(async (flags: ClientFlags & { readonly header?: boolean }) => {
    const progress = new Progress(io);
    await using client = openClient(io, flags, progress);
    const act = () => client.getToken({ signal: io.stopping });
    const { value } = await progress.during('Waiting for the access token.', act);
    await print(io, flags.header ? `Authorization: Bearer ${value}` : value);
  });
}
