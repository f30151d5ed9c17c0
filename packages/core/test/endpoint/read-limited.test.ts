import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openReader, readLimited } from '../../src/endpoint/read-limited.ts';

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
  test('is read to its end', async () => {
    expect(await readLimited(stream([2, 0, 1]).reader, 3, never)).toEqual(Uint8Array.of(1, 1, 3));
  });

  test('is empty when it is absent', async () => {
    expect(await readLimited(undefined, 3, never)).toEqual(new Uint8Array());
  });

  test('is cancelled as soon as it is too long', async () => {
    const { reader, state } = stream([2, 2, 2, 2]);
    expect(await readLimited(reader, 3, never)).toBeUndefined();
    expect(state).toEqual({ pulled: 2, cancelled: true });
  });

  test('rejects when it breaks off', async () => {
    const failure = new Error('reset');
    const reader = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(failure) }).getReader();
    await expect(readLimited(reader, 3, never)).rejects.toBe(failure);
  });

  test('is cancelled when the signal aborts, and rejects with its reason', async () => {
    const { reader, state } = stream([2], { end: false });
    const caller = new AbortController();
    const reading = readLimited(reader, 3, caller.signal);
    await new Promise((resolve) => setImmediate(resolve));
    caller.abort('aborted');
    await expect(reading).rejects.toBe('aborted');
    expect(state.cancelled).toBe(true);
  });

  test('is cancelled without being read when the signal has aborted', async () => {
    const { reader, state } = stream([2]);
    await expect(readLimited(reader, 3, AbortSignal.abort('aborted'))).rejects.toBe('aborted');
    expect(state).toEqual({ pulled: 0, cancelled: true });
  });
});

test('a body whose cancellation never settles delays neither an end nor an abort', async () => {
  const hanging = (chunks: number[]) => {
    const reader = stream(chunks).reader;
    reader.cancel = () => new Promise(() => {});
    return reader;
  };
  expect(await readLimited(hanging([2]), 3, never)).toEqual(Uint8Array.of(1, 1));
  expect(await readLimited(hanging([4]), 3, never)).toBeUndefined();
  await expect(readLimited(hanging([2]), 3, AbortSignal.abort('aborted'))).rejects.toBe('aborted');
});

test('a body leaves no listener at the signal', async () => {
  const { signal } = new AbortController();
  await readLimited(stream([2]).reader, 3, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a stream of Node, as node-fetch has it, is read and discarded like one of the web', async () => {
  const body = Readable.from([Uint8Array.of(1), Uint8Array.of(2)]);
  expect(await readLimited(openReader(body), 3, never)).toEqual(Uint8Array.of(1, 2));
});

test('a body of empty chunks, which never ends, counts as too long', async () => {
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array()) });
  expect(await readLimited(body.getReader(), 100, new AbortController().signal)).toBeUndefined();
});
