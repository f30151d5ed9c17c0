import { describe, expect, test } from 'vitest';
import { discard, readLimited } from '../../src/endpoint/read-limited.ts';

const never = new AbortController().signal;

function stream(chunks: readonly number[], { end = true } = {}) {
  const state = { pulled: 0, cancelled: false };
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const length = chunks[state.pulled++];
        if (length !== undefined) controller.enqueue(new Uint8Array(length).fill(state.pulled));
        else if (end) controller.close();
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { state, reader: source.getReader() };
}

describe('a body', () => {
  test('is read to its end, chunk behind chunk', async () => {
    expect(await readLimited(stream([2, 0, 1]).reader, 3, never)).toEqual(Uint8Array.of(1, 1, 3));
  });

  test('that is absent is empty', async () => {
    expect(await readLimited(undefined, 3, never)).toEqual(new Uint8Array());
  });

  test('that is too long is not read on, so that it cannot fill the memory', async () => {
    const { reader, state } = stream([2, 2, 2, 2]);
    expect(await readLimited(reader, 3, never)).toBeUndefined();
    expect(state).toEqual({ pulled: 2, cancelled: true });
  });

  test('that breaks off is not taken for complete', async () => {
    const failure = new Error('reset');
    const reader = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(failure) }).getReader();
    await expect(readLimited(reader, 3, never)).rejects.toBe(failure);
  });

  test('that nobody waits for any more is let go, and not taken for complete', async () => {
    const { reader, state } = stream([2], { end: false });
    const caller = new AbortController();
    const reading = readLimited(reader, 3, caller.signal);
    await new Promise((resolve) => setImmediate(resolve));
    caller.abort('left');
    await expect(reading).rejects.toBe('left');
    expect(state.cancelled).toBe(true);
  });

  test('that comes too late is let go unread', async () => {
    const { reader, state } = stream([2]);
    await expect(readLimited(reader, 3, AbortSignal.abort('left'))).rejects.toBe('left');
    expect(state).toEqual({ pulled: 0, cancelled: true });
  });

  test('that cannot be let go harms nobody', async () => {
    await discard({ cancel: () => Promise.reject(new Error('no')) });
    await discard({ cancel: undefined as unknown as () => Promise<void> });
    await discard(undefined);
  });
});
