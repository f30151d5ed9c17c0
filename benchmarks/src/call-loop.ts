import type { AxiosInstance } from 'axios';

/** Makes `count` calls, one after the other, and returns the milliseconds of processor time that this took. */
export async function callMany(api: AxiosInstance, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) await api.get('/customers');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

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
