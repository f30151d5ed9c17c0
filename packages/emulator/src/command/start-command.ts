import type { Emulator } from '../emulator/emulator.ts';
import { startEmulator } from '../emulator/start-emulator.ts';
import type { CommandIo } from './command-io.ts';
import { followRequests } from './follow-requests.ts';
import { parseFlags } from './parse-flags.ts';
import { requestLine, startJson, startLines } from './print-start.ts';
import { readStartOptions, START_FLAGS, TOKEN_VARIABLE } from './start-options.ts';

/** Starts an emulator, shows its requests, and ends it when a signal comes. */
export async function startCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const flags = parseFlags(args, { ...START_FLAGS, json: { type: 'boolean' } });
  const isJson = flags.values['json'] === true;
  const options = await readStartOptions(flags, io.env);
  if (io.stopping.aborted) return 0;
  await using emulator = await startEmulator(options);
  const generatedToken = io.env[TOKEN_VARIABLE] === undefined ? options.adminToken : undefined;
  const lines = isJson ? [startJson(emulator, generatedToken)] : startLines(emulator, generatedToken);
  for (const line of lines) io.print(line);
  await showRequests(emulator, io, isJson);
  return 0;
}

async function showRequests(emulator: Emulator, io: CommandIo, isJson: boolean): Promise<void> {
  const show = isJson ? JSON.stringify : requestLine;
  await followRequests(emulator.requests, 0, io.stopping, (entry) => io.print(show(entry)));
}
