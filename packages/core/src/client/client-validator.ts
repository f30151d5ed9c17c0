import { type Validator, withMethods } from '../configuration/validator.ts';
import type { InstellixClient } from './instellix-client.ts';

/** A client, by its methods: those of another copy of this package and those that tests make count as well. */
export const clientValidator: Validator<InstellixClient | undefined> = withMethods<InstellixClient>(
  'getToken',
  'peekToken',
  'fetch',
  'status',
  'subscribe',
  'close',
);
