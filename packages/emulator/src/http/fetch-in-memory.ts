/** What answers requests. */
export interface App {
  fetch(request: Request, env: object): Response | Promise<Response>;
}

/** Answers a request in memory, as `fetch` would: also by rejecting when it is aborted. */
export async function fetchInMemory(app: App, request: unknown, date: string): Promise<Response> {
  requireRequest(request);
  request.signal.throwIfAborted();
  const response = await app.fetch(request, {});
  if (!response.headers.has('date')) response.headers.set('date', date);
  return response;
}

/** @throws TypeError when `value` is not a Request. */
export function requireRequest(value: unknown): asserts value is Request {
  // Not instanceof: a test runner or a polyfill may bring a Request class of its own.
  const isRequest =
    typeof value === 'object' && value !== null && 'headers' in value && 'url' in value && 'signal' in value;
  if (!isRequest) throw new TypeError('fetch: request: must be a Request; new Request(url, init) makes one');
}
