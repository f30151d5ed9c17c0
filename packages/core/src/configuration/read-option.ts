/**
 * Returns whether an object or one of its classes has an option, even if its value is undefined.
 *
 * `Object.prototype` is not searched: other code may have added members to it, on purpose or not, and they are no options.
 */
export function hasOption(source: object, key: string): boolean {
  for (
    let object: object | null = source;
    object && object !== Object.prototype;
    object = Object.getPrototypeOf(object)
  ) {
    if (Object.hasOwn(object, key)) return true;
  }
  return false;
}

/** Reads an option of an object or of one of its classes; getters run on the object itself. */
export function readOption(source: object, key: string): unknown {
  return hasOption(source, key) ? (source as Record<string, unknown>)[key] : undefined;
}

/** Lists the keys that {@link hasOption} finds; of a class, also those of its methods. */
export function listOptions(source: object): string[] {
  const prototype: object | null = Object.getPrototypeOf(source);
  const inherited = prototype && prototype !== Object.prototype ? listOptions(prototype) : [];
  const own = Object.getOwnPropertyNames(source);
  return [...new Set([...inherited, ...own])].filter((key) => key !== 'constructor');
}
