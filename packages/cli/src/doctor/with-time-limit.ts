/**
 * Calls a function with a signal that aborts like `signal`, and with a `TimeoutError` after `timeoutMs`.
 *
 * Not `AbortSignal.any` with `AbortSignal.timeout`: Node 20 collects the latter as garbage before it fires.
 * @see https://github.com/nodejs/node/issues/57736
 */
export async function withTimeLimit<T>(
  signal: AbortSignal,
  timeoutMs: number,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', abort);
  const expire = () => controller.abort(new DOMException(`it took longer than ${timeoutMs / 1_000} s`, 'TimeoutError'));
  const timer = setTimeout(expire, timeoutMs);
  try {
    return await act(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
