/** The app that handles requests. */
export interface App {
  fetch(request: Request, env: object): Response | Promise<Response>;
}

/** Sends a request to the app without a socket. Rejects when its signal is aborted, as `fetch` does. */
export async function fetchInMemory(app: App, request: unknown, date: string): Promise<Response> {
  requireRequest(request);
  request.signal.throwIfAborted();
  const response = await app.fetch(request, {});
  if (!response.headers.has('date')) response.headers.set('date', date);
  return response;
}

/** @throws TypeError when `value` is not a Request. */
export function requireRequest(value: unknown): asserts value is Request {
  // Not `instanceof`: test environments and polyfills have Request classes of their own.
  const isRequest =
    typeof value === 'object' && value !== null && 'headers' in value && 'url' in value && 'signal' in value;
  if (!isRequest) throw new TypeError('fetch: request: must be a Request; create one with new Request(url, init)');
}
