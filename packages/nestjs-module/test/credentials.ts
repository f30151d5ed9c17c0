import type { InstellixClientOptions } from '@instellix/core';
import { type Emulator, type EmulatorOptions, startEmulator } from '@instellix/emulator';
import { afterEach } from 'vitest';

/** Valid options for an API that is not reachable. */
export const unreachable = {
  environment: { name: 'nowhere', apiUrl: 'http://127.0.0.1:9' },
  realm: 'acme',
  clientId: 'nest',
  clientSecret: 'planted-secret',
} satisfies InstellixClientOptions;

const emulators = new Set<Emulator>();

afterEach(async () => {
  await Promise.all([...emulators].map((emulator) => emulator.close()));
  emulators.clear();
});

/** Starts an emulator, which ends with the test. */
export async function emulate(options?: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator(options);
  emulators.add(emulator);
  return emulator;
}

/** Returns the options of a client for a credential of an emulator. */
export function optionsFor(
  { url, realm, clientId, clientSecret }: Emulator,
  credential: { clientId: string; clientSecret: string } = { clientId, clientSecret },
): InstellixClientOptions {
  return { environment: { name: 'emulator', apiUrl: url }, realm, ...credential };
}
