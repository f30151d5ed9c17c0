import { describeRefusal } from '@instellix/core';
import type { AxiosError, AxiosResponse } from 'axios';
import type { AxiosCall } from './axios-call.ts';

/** Gives the error of a 401 or 403 a `cause` that says what to do; `known` if there is one that knows more. */
export function attachRefusalCause(
  error: AxiosError,
  { status, headers }: AxiosResponse,
  { scope, config }: AxiosCall,
  known: unknown,
): void {
  const { name, tokenUrl } = scope.client.environment;
  const challenge: unknown = headers?.['www-authenticate'];
  const cause =
    known ??
    describeRefusal(
      { status, headers: { get: () => (typeof challenge === 'string' ? challenge : null) } },
      {
        subject: `environment ${name} (tokens of ${tokenUrl.href})`,
        requiredScope: config.instellix ? config.instellix.requiredScope : undefined,
      },
    );
  if (cause) setCause(error, cause);
}

/** Not enumerable, as a `cause` is. */
export function setCause(error: AxiosError, value: unknown): void {
  Object.defineProperty(error, 'cause', { value, writable: true, configurable: true, enumerable: false });
}
