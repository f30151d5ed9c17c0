import { type Emulator, type EmulatorOptions, startEmulator } from '@instellix/emulator';
import { afterEach } from 'vitest';

const running: AsyncDisposable[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each[Symbol.asyncDispose]()));
});

/** Ends something with the test that has started it. */
export function endWithTest<T extends AsyncDisposable>(resource: T): T {
  running.push(resource);
  return resource;
}

/** Starts an emulator without a throttle, which ends with the test. */
export async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  return endWithTest(await startEmulator({ throttleWindowMs: 0, ...options }));
}
