import { defaultSecret, firstPassword } from '../state/built-in-accounts.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import { DEFAULT_CLIENT_ID, DEFAULT_REALM, FIRST_USERNAME } from '../state/schemas.ts';

/** What a client needs to find an emulator, its default credential and its portal. */
export interface EmulatorDescription {
  /** Where the API is, without a slash at the end. */
  readonly url: string;
  /** The realm of the default credential. */
  readonly realm: string;
  /** The client id of the default credential, which has the roles reader and writer. */
  readonly clientId: string;
  /** The secret of the default credential as it was when the emulator started. */
  readonly clientSecret: string;
  /** The environment variables with which a client finds the emulator and its default credential. */
  readonly env: Readonly<Record<`INSTELLIX_${string}`, string>>;
  /** Where the portal is, and the first account (F12). */
  readonly portal: { readonly url: string; readonly username: string; readonly password: string };
}

/** Describes an emulator to a caller that reaches it at `url`, which has no slash at its end. */
export function describeEmulator({ credentials, digester, rules }: EmulatorState, url: string): EmulatorDescription {
  const generation = credentials.find(DEFAULT_CLIENT_ID)?.generation ?? 0;
  const clientSecret = defaultSecret(digester, generation);
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
      // No token URL: a client that is given none finds its own, so that a wrong realm shows.
      ...(rules.throttleWindowMs === 0 && { INSTELLIX_MIN_INTERVAL_MS: '0' }),
    }),
    portal: Object.freeze({ url: `${url}/portal`, username: FIRST_USERNAME, password: firstPassword(digester) }),
  };
}
