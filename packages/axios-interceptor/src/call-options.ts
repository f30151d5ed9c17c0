import { func, object, readOption, readOptions, string } from '@instellix/core/adapter';
import type { InternalAxiosRequestConfig } from 'axios';
import type { InstellixCallOptions } from './instellix-call-options.ts';

const callValidator = object({ instellix: object<InstellixCallOptions>({ requiredScope: string(), body: func() }) });

/** Returns whether a call is to be sent with the token: its caller has neither opted out nor set an Authorization. */
export function wantsToken(config: InternalAxiosRequestConfig): boolean {
  // When the value is `false`, Axios sends no Authorization.
  return readOption(config, 'instellix') !== false && (config.headers.get('Authorization') ?? undefined) === undefined;
}

/**
 * Returns the instellix options of a call.
 *
 * @throws ConfigurationError with all problems, when a value is wrong or contradicts the config
 */
export function readCallOptions(config: InternalAxiosRequestConfig): InstellixCallOptions {
  const instellix = readOption(config, 'instellix') as InstellixCallOptions | undefined;
  if (instellix === undefined && !config.auth) return {};
  return readOptions(callValidator, { instellix }, (given, problems) => {
    const { requiredScope, body } = given.instellix;
    if (config.auth) {
      problems.push(
        'Axios sends `auth` instead of the access token: leave it out, or set instellix: false for this call.',
      );
    }
    if (body && config.data !== undefined) problems.push('Set either data or instellix.body, not both.');
    // `body` may be a method that uses `this`.
    return { ...(requiredScope && { requiredScope }), ...(body && { body: () => body.call(instellix) }) };
  });
}
