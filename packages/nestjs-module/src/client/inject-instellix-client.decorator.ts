import { Inject } from '@nestjs/common';
import { getInstellixClientToken } from './instellix-client.token.ts';

/** Injects the client that a module registers under `name` into a constructor's parameter or a property; without one, the unnamed client. */
export const InjectInstellixClient = (name?: string): PropertyDecorator & ParameterDecorator =>
  Inject(getInstellixClientToken(name));
