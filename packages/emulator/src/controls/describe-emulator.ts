import type { EmulatorState } from '../state/emulator-state.ts';
import { DEFAULT_CLIENT_ID, DEFAULT_REALM, FIRST_USERNAME } from '../state/schemas.ts';

/** The URL of an emulator, its default credential and its portal. */
export interface EmulatorDescription {
  /** The base URL of the API, without a trailing slash. */
  readonly url: string;
  /** The realm of the default credential. */
  readonly realm: string;
  /** The client id of the default credential, which has the roles reader and writer. */
  readonly clientId: string;
  /** The secret that the default credential had when the emulator started. */
  readonly clientSecret: string;
  /** The environment variables that configure a client for this emulator and its default credential. */
  readonly env: Readonly<Record<`INSTELLIX_${string}`, string>>;
  /** The URL of the portal, and its first account (F12). */
  readonly portal: { readonly url: string; readonly username: string; readonly password: string };
}

/** Describes an emulator. `url` is its base URL as the caller sees it, without a trailing slash. */
export function describeEmulator({ credentials, digester, rules }: EmulatorState, url: string): EmulatorDescription {
  const generation = credentials.find(DEFAULT_CLIENT_ID)?.generation ?? 0;
  const clientSecret = digester.defaultSecret(generation);
  return {
    url,
    realm: DEFAULT_REALM,
    clientId: DEFAULT_CLIENT_ID,
    clientSecret,
    env: Object.freeze({
      INSTELLIX_API_URL: url,
      INSTELLIX_REALM: DEFAULT_REALM,
      INSTELLIX_CLIENT_ID: DEFAULT_CLIENT_ID,
      INSTELLIX_CLIENT_SECRET: clientSecret,
      // No INSTELLIX_TOKEN_URL: the client builds it from the realm, so that a wrong realm is detected.
      ...(rules.throttleWindowMs === 0 && { INSTELLIX_MIN_INTERVAL_MS: '0' }),
    }),
    portal: Object.freeze({ url: `${url}/portal`, username: FIRST_USERNAME, password: digester.firstPassword() }),
  };
}
