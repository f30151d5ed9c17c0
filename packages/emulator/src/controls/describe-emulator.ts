import type { Emulator } from '../emulator/emulator.ts';
import { DEFAULT_CLIENT_ID, defaultSecret } from '../state/default-credential.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import { FIRST_USERNAME, firstPassword } from '../state/first-account.ts';
import { DEFAULT_REALM } from '../state/input/realm.ts';

/** What a client needs to find an emulator, its default credential and its portal. */
export type EmulatorDescription = Pick<Emulator, 'url' | 'realm' | 'clientId' | 'clientSecret' | 'env' | 'portal'>;

/** Describes an emulator to somebody who reaches it at `url`, which has no slash at its end. */
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
