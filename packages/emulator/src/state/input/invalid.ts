/** An Error that whoever steers the emulator can mend by asking for something else. */
export class InvalidInput extends Error {}

/** A value for a message, where it cannot be a secret: a path, a flag, a role. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}

/**
 * The Error for a value that a user handed in and that cannot be used.
 *
 * The value only goes into the message where it cannot be a secret.
 */
export function invalid(where: string, problem: string): InvalidInput {
  return new InvalidInput(`${where}: ${problem}`);
}
