import { ConfigurationError, createInstellixClient, type InstellixClient, type TokenEvent } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';
import { loadEnvFile } from '../environment/env-file.ts';
import type { ClientFlags } from './client-flags.ts';
import { type CommandIo, printError } from './command-io.ts';
import type { Progress } from './progress.ts';

/**
 * Creates a client that shares its token with other processes through the file store.
 *
 * @throws ConfigurationError
 */
export function openClient(io: CommandIo, flags: ClientFlags, progress: Progress): InstellixClient {
  const { envFile, storeDirectory, bodyFormat, basicEncoding } = flags;
  const { skipped } = loadEnvFile(io.env, envFile);
  let hasWarned = false;
  const onEvent = (event: TokenEvent): void => {
    progress.onEvent(event);
    if (event.type !== 'store_failed' || hasWarned) return;
    hasWarned = true;
    const why = event.timedOut ? 'it did not respond' : event.reason;
    printError(io, `instellix: the token is not shared with other processes, because the token store failed: ${why}`);
  };
  const store = fileTokenStore({ directory: storeDirectory });
  try {
    return createInstellixClient({ store, tokenRequest: { bodyFormat, basicEncoding }, onEvent });
  } catch (error) {
    if (error instanceof ConfigurationError && skipped) printError(io, `instellix: ${skipped}`);
    throw error;
  }
}
