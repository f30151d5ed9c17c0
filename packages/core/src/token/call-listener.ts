/**
 * Calls a listener at once. What it throws is ignored, because no caller can receive it, and what an async one rejects with, because an
 * unhandled rejection would end the process.
 */
export function callListener<Arguments extends unknown[]>(
  listener: (...given: Arguments) => unknown,
  ...given: Arguments
): void {
  const call = async () => listener(...given);
  call().catch(() => {});
}
