import type { CallResponse } from './subjects/fetches.ts';

/** Makes `count` calls and reads their bodies, `concurrency` of them at a time, and returns the elapsed milliseconds. */
export async function fetchConcurrently(
  call: () => Promise<CallResponse>,
  count: number,
  concurrency: number,
): Promise<number> {
  const startedAt = performance.now();
  let left = count;
  const callRepeatedly = async () => {
    while (left-- > 0) {
      const response = await call();
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`A call of the benchmark returned ${response.status}.`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, callRepeatedly));
  return performance.now() - startedAt;
}
