import { ConfigurationError, type InstellixClient as CoreInstellixClient } from '@instellix/core';
import type { InjectionToken, Type } from '@nestjs/common';

/** The client of core; as a constructor's parameter type it injects the unnamed client, without a decorator. */
export interface InstellixClient extends CoreInstellixClient {}

/** The injection token of the unnamed client; never to be constructed or listed among providers. */
export const InstellixClient: Type<InstellixClient> = class InstellixClient {
  constructor() {
    throw new ConfigurationError([
      'InstellixClient is an injection token, not a provider: import InstellixModule.forRoot() instead of providing it.',
    ]);
  }
} as unknown as Type<InstellixClient>;

/** Returns the injection token of the unnamed client, {@link InstellixClient}. */
export function getInstellixClientToken(name?: undefined): Type<InstellixClient>;
/** Returns the injection token of the client that a module registers under `name`; without one, of the unnamed client. */
export function getInstellixClientToken(name?: string): InjectionToken<InstellixClient>;
export function getInstellixClientToken(name?: string): InjectionToken<InstellixClient> {
  // Text, so that Nest's "can't resolve dependencies" names it, and copies of this package agree on it.
  return name === undefined ? InstellixClient : `InstellixClient(${name})`;
}
