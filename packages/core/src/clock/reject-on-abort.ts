/** Settles as `work` does, or rejects with `signal.reason` as soon as the signal aborts. */
export async function rejectOnAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let onAbort = () => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      work.then(resolve, reject);
      onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
    });
  } finally {
    // A signal may live as long as the process, and would keep every listener.
    signal.removeEventListener('abort', onAbort);
  }
}
