import { describe, expect, test } from 'vitest';
import { ways } from '../wire/emulators.ts';
import { callResource } from '../wire/token-call.ts';

describe.each(ways)('%s', (_way, use) => {
  const start = use();

  test('follow returns every request once, also after a reset', async () => {
    const emulator = await start();
    await callResource(emulator, '/customers');
    const first = await emulator.requests.follow({ after: 0 });
    expect(first.entries).toHaveLength(1);
    const wait = emulator.requests.follow({ after: first.next });
    await callResource(emulator, '/some-resource');
    const second = await wait;
    expect(second.entries).toMatchObject([{ endpoint: 'GET /some-resource' }]);
    await emulator.reset();
    await callResource(emulator, '/customers');
    expect((await emulator.requests.follow({ after: second.next })).entries).toHaveLength(1);
  });

  test('follow returns an empty list after timeoutMs', async () => {
    const emulator = await start();
    await callResource(emulator, '/customers');
    expect(await emulator.requests.follow({ timeoutMs: 1 })).toEqual({ entries: [], next: 1 });
    await expect(emulator.requests.follow({ after: -1 })).rejects.toThrow(/after: must be a whole number/);
  });
});
