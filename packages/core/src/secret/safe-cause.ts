import type { Redact } from './redactor.ts';

const deepestCause = 6;
const longestText = 4_000;

/**
 * Copies what helps to understand a foreign error: name, message, code, stack, and the errors behind it.
 *
 * The original may hold the request with its headers, or the bytes of an answer; the copy cannot, and its texts are redacted.
 */
export function safeCause(thrown: unknown, redact: Redact, depth = deepestCause): Error | undefined {
  if (thrown === undefined || thrown === null || depth === 0) return undefined;
  const read = (key: string): unknown => {
    try {
      return (thrown as Record<string, unknown>)[key];
    } catch {
      // A getter's failure is no news about the request.
      return undefined;
    }
  };
  const readText = (key: string): string | undefined => {
    const value = read(key);
    return typeof value === 'string' ? redact(value).slice(0, longestText) : undefined;
  };
  const message = typeof thrown === 'object' ? readText('message') : redact(String(thrown)).slice(0, longestText);
  const name = readText('name') ?? 'Error';
  const copy = new Error(message);
  const define = (key: string, value: unknown, enumerable = false) => {
    if (value !== undefined) {
      Object.defineProperty(copy, key, { value, enumerable, configurable: true, writable: true });
    }
  };
  define('name', name);
  define('stack', readText('stack') ?? `${name}: ${copy.message}`);
  define('code', readText('code'), true);
  define('cause', safeCause(read('cause'), redact, depth - 1));
  const errors = read('errors');
  if (Array.isArray(errors)) {
    define(
      'errors',
      errors.map((error) => safeCause(error, redact, depth - 1)),
    );
  }
  return copy;
}
