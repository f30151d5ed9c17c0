const longest = 40;

/**
 * Shows a wrong value in a message: simple ones shortened, objects by their type only. Not for what may be a secret; nor
 * is text shown that may be a URL or a pair of id and secret.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string' && !/[@?:/]/.test(value)) {
    return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value);
  }
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : describeType(value);
}

/** Names the type of a value, for values that must not be shown. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  return typeTag(value) === 'Promise' ? 'a promise: await it first' : `a value of type ${typeof value}`;
}

/** Tells plain objects from arrays, maps and the like. Not to be shown: an object can call itself what it wants. */
export function typeTag(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    // A revoked proxy does not even tell whether it is an array.
    return '';
  }
}
