import type { Fault } from '../state/fault.ts';
import type { Outcome, Requester } from './outcome.ts';

/** The outcome of a request that a fault takes over: the answer it was given, or none (status 0). */
export function injectedOutcome({ respond }: Fault, requester: Requester): Outcome {
  const body = respond?.body ?? '';
  const headers = respond?.headers ?? {};
  const isUntyped = body !== '' && !('content-type' in headers);
  return {
    status: respond?.status ?? 0,
    reason: 'fault',
    headers: isUntyped ? { ...headers, 'content-type': guessType(body) } : headers,
    body,
    ...requester,
  };
}

function guessType(body: string): string {
  return /^\s*[{[]/.test(body) ? 'application/json' : 'text/plain; charset=utf-8';
}
