import { readOption } from '../configuration/read-option.ts';
import { type Validator, withMethods } from '../configuration/validator.ts';
import type { InstellixClient } from './instellix-client.ts';

const hasMethods = /* @__PURE__ */ withMethods<InstellixClient>(
  'getToken',
  'peekToken',
  'fetch',
  'status',
  'subscribe',
  'close',
);

/**
 * A client, recognised by its methods, so that clients of another copy of this package and those of tests are accepted. For
 * `{ client }` in place of a client, the problem says what to pass.
 */
export const clientValidator: Validator<InstellixClient | undefined> = (value, label, problems) => {
  const found: string[] = [];
  const client = hasMethods(value, label, found);
  if (found.length > 0 && hasMethods(readOption(Object(value), 'client'), label, [])) {
    problems.push(`${label} must be a client, not an object that contains one: pass the client itself.`);
  } else problems.push(...found);
  return client;
};
