/**
 * Awaits a token `count` times, one after the other, and returns the milliseconds of processor time that this took.
 *
 * A warm read waits for nothing, so this is its time; unlike that of a clock, it does not grow while other programs run.
 */
export async function readMany(getToken: () => Promise<unknown>, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) await getToken();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
