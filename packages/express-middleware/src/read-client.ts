import { clientValidator, hasOption, readOption, required } from '@instellix/core/adapter';

/** Returns whether an argument is a client, a part of one, or `{ client }`, none of which is read as options or as a record. */
export function isMeantAsClient(value: unknown): boolean {
  const object = Object(value);
  return hasOption(object, 'getToken') || hasOption(Object(readOption(object, 'client')), 'getToken');
}

/** Checks a client, and adds a sentence to `problems` if it is none. */
export const readClient = required(clientValidator);
