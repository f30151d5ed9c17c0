import { func, object, readOption, readOptions, string } from '@instellix/core/adapter';
import type { InternalAxiosRequestConfig } from 'axios';

/** The instellix options of one call: `config.instellix` of Axios. */
export interface InstellixCallOptions {
  /** The access right that the operation needs, for the error of a 403 when the API does not name it. @default none */
  readonly requiredScope?: string | undefined;
  /**
   * Creates the body each time that the call is sent, so that a stream can be sent again. It replaces `data`, and is not passed to
   * `transformRequest`.
   *
   * @default none
   */
  readonly body?: (() => unknown) | undefined;
}

declare module 'axios' {
  // Without type parameters, because their number differs between the versions of Axios.
  interface AxiosRequestConfig {
    /** The instellix options of this call. `false` sends it without the access token. @default none */
    instellix?: InstellixCallOptions | false;
  }
}

const callValidator = object({ instellix: object<InstellixCallOptions>({ requiredScope: string(), body: func() }) });

/** Returns whether a call is to be sent with the token: its caller has neither opted out nor set an Authorization. */
export function wantsToken(config: InternalAxiosRequestConfig): boolean {
  // When the value is `false`, Axios sends no Authorization.
  return readOption(config, 'instellix') !== false && config.headers.get('Authorization') == null;
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
    // A method of a class may need its `this`.
    return { requiredScope, body: body?.bind(instellix) };
  });
}
