/** Calls a listener, whose exceptions are ignored. An async one that rejects counts as one that throws: an unhandled rejection would end the process. */
export function callListener<Event>(listener: (event: Event) => unknown, event: Event): void {
  try {
    const result = listener(event);
    // A promise may be of another realm, so that it is no instance of `Promise`.
    if (result !== undefined) Promise.resolve(result).catch(() => {});
  } catch {
    // No caller can receive this error: listeners do not belong to a call.
  }
}
