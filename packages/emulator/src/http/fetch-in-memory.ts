import { invalid } from '../state/input/invalid.ts';

/** What answers requests. */
export interface App {
  fetch(request: Request, env: object): Response | Promise<Response>;
}

/** Answers a request in memory, as `fetch` would: also by rejecting when it is aborted. */
export async function fetchInMemory(app: App, request: unknown, date: string): Promise<Response> {
  if (!isRequest(request)) throw invalid('fetch(request)', 'must be a Request; new Request(url, init) makes one');
  request.signal.throwIfAborted();
  const response = await app.fetch(request, {});
  if (!response.headers.has('date')) response.headers.set('date', date);
  return response;
}

/** Whether a value is a Request. Not instanceof: a test runner or a polyfill may bring a Request class of its own. */
export function isRequest(value: unknown): value is Request {
  return typeof value === 'object' && value !== null && 'headers' in value && 'url' in value && 'signal' in value;
}
