const copies = /* @__PURE__ */ new WeakMap<AbortSignal, AbortSignal>();

/**
 * Returns a signal that `AbortSignal.any` and the platform's `fetch` accept: the given one, or for one of another JavaScript realm or
 * a polyfill its copy. A foreign signal gets one listener, however often it is given. What is no signal is returned as it is.
 */
export function nativeSignal(signal: AbortSignal): AbortSignal {
  const isNative: boolean = signal instanceof AbortSignal;
  if (isNative || typeof signal.addEventListener !== 'function') return signal;
  const known = copies.get(signal);
  if (known) return known;
  const copy = new AbortController();
  const onAbort = () => copy.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  copies.set(signal, copy.signal);
  return copy.signal;
}
