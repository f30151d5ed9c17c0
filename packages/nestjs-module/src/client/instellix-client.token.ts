import { ConfigurationError, type InstellixClient as CoreInstellixClient } from '@instellix/core';
import { Inject, type InjectionToken, type Type } from '@nestjs/common';

/** The client of core. As the type of a constructor parameter, it injects the unnamed client without a decorator. */
export interface InstellixClient extends CoreInstellixClient {}

/** The injection token of the unnamed client. It cannot be constructed or listed among providers. */
export const InstellixClient: Type<InstellixClient> = class InstellixClient {
  constructor() {
    throw new ConfigurationError([
      'InstellixClient is an injection token, not a provider: import InstellixModule.forRoot() instead of providing it.',
    ]);
  }
} as unknown as Type<InstellixClient>;

/** Returns the injection token of the unnamed client, {@link InstellixClient}. */
export function getInstellixClientToken(name?: undefined): Type<InstellixClient>;
/** Returns the injection token of the client with this name, or of the unnamed client. */
export function getInstellixClientToken(name?: string): InjectionToken<InstellixClient>;
export function getInstellixClientToken(name?: string): InjectionToken<InstellixClient> {
  // A string, so that Nest's error "can't resolve dependencies" shows it, and all copies of this package use the same token.
  return name === undefined ? InstellixClient : `InstellixClient(${name})`;
}

/** The name of a client, for messages. */
export function describeClient(name: string | undefined): string {
  return name === undefined ? 'the unnamed client' : `client ${JSON.stringify(name)}`;
}

/** Injects the client with this name, or the unnamed client, into a constructor parameter or a property. */
export const InjectInstellixClient = (name?: string): PropertyDecorator & ParameterDecorator =>
  Inject(getInstellixClientToken(name));
