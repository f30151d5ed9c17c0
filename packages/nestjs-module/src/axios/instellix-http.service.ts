import { HttpService } from '@nestjs/axios';
import { Inject, type InjectionToken, type Type } from '@nestjs/common';

/**
 * The `HttpService` of `@nestjs/axios` for the API of one client: relative URLs resolve against the API's base, and calls carry the
 * client's token.
 *
 * An observable makes its call when it is subscribed to, and aborts it when the subscriber unsubscribes.
 */
export class InstellixHttpService extends HttpService {}

/** Returns the injection token of the unnamed client's service, {@link InstellixHttpService}. */
export function getInstellixHttpServiceToken(name?: undefined): Type<InstellixHttpService>;
/** Returns the injection token of the service for the client with this name, or for the unnamed client. */
export function getInstellixHttpServiceToken(name?: string): InjectionToken<InstellixHttpService>;
export function getInstellixHttpServiceToken(name?: string): InjectionToken<InstellixHttpService> {
  return name === undefined ? InstellixHttpService : `InstellixHttpService(${name})`;
}

/** Injects the service for the client with this name, or for the unnamed client, into a constructor parameter or a property. */
export const InjectInstellixHttpService = (name?: string): PropertyDecorator & ParameterDecorator =>
  Inject(getInstellixHttpServiceToken(name));
