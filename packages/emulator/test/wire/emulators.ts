import { afterEach } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/index.ts';

/** A frozen beginning, so that no test depends on how fast it runs. */
export const START = '2026-01-01T00:00:00.000Z';

/** Returns a way to start emulators that end with the test that started them. */
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
