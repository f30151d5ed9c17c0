/** An Error that whoever steers the emulator can mend by asking for something else. */
export class InvalidInput extends Error {}

/**
 * The Error for a value that a user handed in and that cannot be used.
 *
 * The value itself never goes into the message: it may be a secret that was put into the wrong place.
 */
export function invalid(where: string, problem: string): InvalidInput {
  return new InvalidInput(`${where}: ${problem}`);
}
