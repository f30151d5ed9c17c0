import { type Validator, withMethods } from '../configuration/validator.ts';
import type { InstellixClient } from './instellix-client.ts';

/** A client, recognised by its methods, so that clients of another copy of this package and those of tests are accepted. */
export const clientValidator: Validator<InstellixClient | undefined> = withMethods<InstellixClient>(
  'getToken',
  'peekToken',
  'fetch',
  'status',
  'subscribe',
  'close',
);
