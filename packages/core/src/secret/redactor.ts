import { hideUrlQueries } from './hide-url-queries.ts';

/** Removes every known secret from a string that comes from outside. */
export type Redact = (text: string) => string;

const marker = '[redacted]';
/** Stands for the marker meanwhile, of whose letters a short secret may consist. */
const placeholder = '\u{10FFFF}';
/**
 * Credentials that are unknown here: those of other headers, and the token of a response. Every repetition in front of them is
 * bounded, because an unbounded one makes the search quadratic.
 */
const credentials = /(?<=\b[Bb](?:asic|earer) {1,8}|access_token\W{1,8})[\w.~+/=-]{16,}/g;

/**
 * Creates a function that replaces the given secrets with `[redacted]`, also where they are escaped as in JSON, and everything after
 * `Basic`, `Bearer` or `access_token` that is long enough to be a credential. It also removes the queries of URLs.
 *
 * A server that returns a secret in an encoding of its own is not stopped by it.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]).filter(Boolean);
  // Longest first: a secret that is part of another must not leave parts of the other.
  forms.sort((a, b) => b.length - a.length);
  return (text) => {
    let redacted = text;
    // Not one expression of all secrets: V8 refuses expressions of some ten thousand characters, with an error that quotes them.
    for (const form of forms) redacted = redacted.replaceAll(form, placeholder);
    return hideUrlQueries(redacted.replace(credentials, placeholder)).replaceAll(placeholder, marker);
  };
}
