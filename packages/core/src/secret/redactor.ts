/** Removes every known secret from a string that comes from outside. */
export type Redact = (text: string) => string;

const marker = '[redacted]';
/**
 * Credentials that are unknown here: those of other headers, and the token of a response. Every repetition in front of them is
 * bounded, because an unbounded one makes the search quadratic.
 */
const credentialsByForm = String.raw`(?<=\b[Bb](?:asic|earer) {1,8}|access_token\W{1,8})[\w.~+/=-]{16,}`;

/**
 * Creates a function that replaces the given secrets with `[redacted]`, also where they are escaped as in JSON, and everything after
 * `Basic`, `Bearer` or `access_token` that is long enough to be a credential.
 *
 * It does not find a secret that a server returns in another encoding.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]).filter(Boolean);
  // Longest first and all in one pass: a secret that is part of another, or of the marker, must not leave parts of the other.
  forms.sort((a, b) => b.length - a.length);
  const pattern = new RegExp([...forms.map(escapeForRegExp), credentialsByForm].join('|'), 'g');
  return (text) => text.replace(pattern, marker);
}

function escapeForRegExp(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
