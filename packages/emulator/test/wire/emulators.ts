import { afterEach } from 'vitest';
import {
  type ConnectedEmulator,
  connectEmulator,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from '../../src/index.ts';

/** The time of the frozen clock, so that no test depends on its speed. */
export const START = '2026-01-01T00:00:00.000Z';

/** Returns a function that starts emulators, which are closed after the test. */
export function useEmulators(): (options?: EmulatorOptions) => Promise<Emulator> {
  const running: Emulator[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((emulator) => emulator.close()));
  });
  return async (options = {}) => {
    const emulator = await startEmulator({ clock: START, ...options });
    running.push(emulator);
    return emulator;
  };
}

/** The two ways to control an emulator, which have the same interface. */
export const ways = [
  ['in this process', useEmulators],
  ['over HTTP', useConnectedEmulators],
] as const satisfies [string, () => (options?: EmulatorOptions) => Promise<Emulator | ConnectedEmulator>][];

/** Like `useEmulators`, controlled over HTTP. */
export function useConnectedEmulators(): (options?: EmulatorOptions) => Promise<ConnectedEmulator> {
  const start = useEmulators();
  const connections: ConnectedEmulator[] = [];
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
  });
  return async (options) => {
    const connection = await connectEmulator((await start(options)).url);
    connections.push(connection);
    return connection;
  };
}
