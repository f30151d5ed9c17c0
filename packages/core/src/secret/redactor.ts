/** Takes every known secret out of a text. */
export type Redact = (text: string) => string;

const marker = '[redacted]';
/** What was known to nobody here when the redactor was made: other credentials of a header, the token of an answer. */
const credentialsByShape = String.raw`(?<=\b[Bb](?:asic|earer) +|access_token\W+)[\w.~+/=-]{16,}`;

/**
 * Creates a function that replaces the given secrets by `[redacted]`, also where they are escaped as in JSON, and whatever
 * follows `Basic`, `Bearer` or `access_token` and is long enough to be a credential.
 *
 * It is for texts of others. Whoever sends a secret back in a disguise of their own making cannot be stopped by it.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]).filter(Boolean);
  // Longest first and all in one pass: a secret that is part of another, or of the marker, must not break what it is in.
  forms.sort((a, b) => b.length - a.length);
  const pattern = new RegExp([...forms.map(escapeForRegExp), credentialsByShape].join('|'), 'g');
  return (text) => text.replace(pattern, marker);
}

function escapeForRegExp(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
