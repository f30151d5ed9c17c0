import { HttpService } from '@nestjs/axios';
import { Inject, type InjectionToken, type Type } from '@nestjs/common';

/**
 * The `HttpService` of `@nestjs/axios` for the API of one client: relative URLs lie below the API's base, calls carry its token.
 *
 * Each observable makes its call when it is subscribed to, and aborts it when the subscriber leaves.
 */
export class InstellixHttpService extends HttpService {}

/** Returns the injection token of the unnamed client's service, {@link InstellixHttpService}. */
export function getInstellixHttpServiceToken(name?: undefined): Type<InstellixHttpService>;
/** Returns the injection token of the service for the client called `name`; without one, of the unnamed client's. */
export function getInstellixHttpServiceToken(name?: string): InjectionToken<InstellixHttpService>;
export function getInstellixHttpServiceToken(name?: string): InjectionToken<InstellixHttpService> {
  return name === undefined ? InstellixHttpService : `InstellixHttpService(${name})`;
}

/** Injects the service for the client called `name` into a constructor's parameter or a property; without one, the unnamed client's. */
export const InjectInstellixHttpService = (name?: string): PropertyDecorator & ParameterDecorator =>
  Inject(getInstellixHttpServiceToken(name));
