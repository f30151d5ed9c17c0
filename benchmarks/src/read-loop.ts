/** Awaits a token `count` times, one after the other, and returns the milliseconds that this took. */
export async function readMany(getToken: () => Promise<unknown>, count: number): Promise<number> {
  const startedAt = performance.now();
  for (let i = 0; i < count; i++) await getToken();
  return performance.now() - startedAt;
}
