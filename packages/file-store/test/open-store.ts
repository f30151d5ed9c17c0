import { createTokenStore, type TokenStore } from '@instellix/core/store';
import type { MachineClock } from '../src/machine-clock.ts';
import { preparePrivateDirectory } from '../src/private-directory.ts';
import { RecordDirectory } from '../src/record-directory.ts';

/** A file store on any clock. */
export function openStore(directory: string, clock: MachineClock): TokenStore {
  return createTokenStore(clock, new RecordDirectory(() => preparePrivateDirectory(directory), clock).update);
}
