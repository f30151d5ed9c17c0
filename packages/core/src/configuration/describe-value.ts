const longest = 40;

/**
 * Shows a wrong value in a message: simple ones shortened, objects by their type only. Not for what may be a secret; text
 * that may be a URL with user info or a query is not shown either.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string' && !/[@?]/.test(value)) {
    return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value);
  }
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : describeType(value);
}

/** Names the type of a value, for values that must not be shown. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  return isPromise(value) ? 'a promise: await it first' : `a value of type ${typeof value}`;
}

function isPromise(value: unknown): boolean {
  try {
    return Object.prototype.toString.call(value) === '[object Promise]';
  } catch {
    // A revoked proxy does not even tell whether it is an array.
    return false;
  }
}
