import type { AxiosInstance } from 'axios';

/** Makes `count` calls, `concurrency` of them at a time, and returns the milliseconds that passed. */
export async function callConcurrently(api: AxiosInstance, count: number, concurrency: number): Promise<number> {
  const startedAt = performance.now();
  let left = count;
  const callOn = async () => {
    while (left-- > 0) await api.get('/customers');
  };
  await Promise.all(Array.from({ length: concurrency }, callOn));
  return performance.now() - startedAt;
}
