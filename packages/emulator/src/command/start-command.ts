import { once } from 'node:events';
import { Command } from 'commander';
import type { RequestControls } from '../controls/controls.ts';
import { type EmulatorOptions, optionsSchema } from '../emulator/emulator-options.ts';
import { type Emulator, startEmulator } from '../emulator/start-emulator.ts';
import { isLoopback } from '../http/access.ts';
import type { RequestEntry } from '../state/request-log.ts';
import { randomSecret } from '../state/secrets.ts';
import { InvalidInput } from '../state/validate.ts';
import type { CommandIo } from './command-io.ts';
import { type Flag, readFlags, TOKEN_VARIABLE, toFlagMessage, toFlags, UsageError } from './flags.ts';
import { requestLine, startLines } from './print.ts';

type Values = Readonly<Record<string, unknown>>;

/** Adds the flags that `start` and `exec` share. */
export function addStartFlags(command: Command): readonly Flag[] {
  const flags = toFlags(optionsSchema);
  for (const { option } of flags) command.addOption(option);
  command.option('--allow-remote', `Listen on all addresses; clients need ${TOKEN_VARIABLE} to control the emulator`);
  return flags;
}

/** Creates `start`, which prints the requests until a signal arrives. */
export function createStartCommand(io: CommandIo): Command {
  const command = new Command('start').description('Start an emulator and print its requests');
  const flags = addStartFlags(command);
  command.option('--json', 'Print one JSON object first, then one JSON line per request');
  return command.action(async (values: Values) => {
    const options = readStartOptions(flags, values, io);
    if (io.stopping.aborted) return;
    await using emulator = await startNamed(flags, options);
    const generatedToken = io.env[TOKEN_VARIABLE] === undefined ? options.adminToken : undefined;
    const isJson = values['json'] === true;
    for (const line of startLines(emulator, generatedToken, isJson)) io.print(line);
    const show = isJson ? JSON.stringify : requestLine;
    await followRequests(emulator.requests, 0, io.stopping, (entry) => io.print(show(entry)));
  });
}

/** Starts an emulator. @throws UsageError or Error whose message names flags. */
export async function startNamed(flags: readonly Flag[], options: EmulatorOptions): Promise<Emulator> {
  try {
    return await startEmulator(options);
  } catch (cause) {
    const message = toFlagMessage(cause, [...flags, { name: TOKEN_VARIABLE, path: ['adminToken'] }]);
    // An unreadable or invalid seed is a failure, not a usage error.
    const isUsage = cause instanceof InvalidInput && !cause.argument.startsWith('seed');
    throw isUsage ? new UsageError(message) : new Error(message, { cause });
  }
}

/** Turns flags into the options of `startEmulator`. @throws UsageError */
export function readStartOptions(flags: readonly Flag[], values: Values, { env }: CommandIo): EmulatorOptions {
  const options: EmulatorOptions = readFlags(flags, values);
  const isRemote = values['allowRemote'] === true;
  if (!isRemote && options.host !== undefined && !isLoopback(options.host)) {
    throw new UsageError('--host is an address that other machines can reach; add --allow-remote to allow that');
  }
  const adminToken = env[TOKEN_VARIABLE] ?? (isRemote ? randomSecret() : undefined);
  return { ...(isRemote && { host: '0.0.0.0' }), ...options, ...(adminToken !== undefined && { adminToken }) };
}

const WAIT_MS = 60_000;

/**
 * Calls `show` with every request until `stopping` is aborted.
 *
 * @param after the number of earlier requests to skip; `undefined` skips all of them.
 */
export async function followRequests(
  requests: Pick<RequestControls, 'follow'>,
  after: number | undefined,
  stopping: AbortSignal,
  show: (entry: RequestEntry) => void,
): Promise<void> {
  const stopped = stopping.aborted ? undefined : once(stopping, 'abort').then(() => undefined);
  let next = after ?? (await requests.follow({ timeoutMs: 0 })).next;
  while (!stopping.aborted) {
    const waiting = requests.follow({ after: next, timeoutMs: WAIT_MS });
    const news = await Promise.race([stopped, waiting]);
    // A wait that is left behind rejects when the emulator is closed.
    if (news === undefined) return void waiting.catch(() => {});
    for (const entry of news.entries) show(entry);
    next = news.next;
  }
}
