import type { DatabaseSync } from 'node:sqlite';
import { createClockControls } from '../clock/clock-controls.ts';
import { createCredentialControls } from '../credential/credential-controls.ts';
import { DEFAULT_CLIENT_ID, defaultSecret } from '../credential/default-credential.ts';
import { DEFAULT_REALM } from '../credential/realm.ts';
import { createFaultControls } from '../fault/fault-controls.ts';
import { type App, fetchInMemory } from '../http/fetch-in-memory.ts';
import type { HttpServer } from '../http/http-server.ts';
import { createRequestControls } from '../journal/request-controls.ts';
import { FIRST_USERNAME, firstPassword } from '../portal/first-account.ts';
import { type OpenedState, rememberInstant } from '../state/open-state.ts';
import { createTokenControls } from '../token/token-controls.ts';
import type { Emulator } from './emulator.ts';
import { requireOpen, whileOpen } from './while-open.ts';

/** The running parts of an emulator. */
export interface EmulatorParts extends OpenedState {
  readonly app: App;
  readonly server: HttpServer;
  readonly database: DatabaseSync;
  readonly closing: AbortController;
}

/** Puts the public face on the running parts of an emulator. */
export function createEmulator(parts: EmulatorParts): Emulator {
  const { state, app } = parts;
  const { signal } = parts.closing;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= closeParts(parts);
    return closed;
  };
  return Object.freeze({
    ...describe(parts),
    async fetch(request: Request) {
      requireOpen(signal);
      return fetchInMemory(app, request);
    },
    clock: createClockControls(state, signal),
    credentials: whileOpen(createCredentialControls(state), signal),
    tokens: whileOpen(createTokenControls(state), signal),
    faults: whileOpen(createFaultControls(state.faults), signal),
    // What happened can still be read when all is over.
    requests: Object.freeze(createRequestControls(state.journal)),
    async reset() {
      requireOpen(signal);
      parts.reset();
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}

function describe({
  state,
  server,
}: EmulatorParts): Pick<Emulator, 'url' | 'realm' | 'clientId' | 'clientSecret' | 'env' | 'portal'> {
  const { url } = server;
  const generation = state.credentials.find(DEFAULT_CLIENT_ID)?.generation ?? 0;
  const clientSecret = defaultSecret(state.digester, generation);
  return {
    url,
    realm: DEFAULT_REALM,
    clientId: DEFAULT_CLIENT_ID,
    clientSecret,
    env: Object.freeze({
      INSTELLIX_API_URL: url,
      INSTELLIX_TOKEN_URL: `${url}/${DEFAULT_REALM}/oauth2/token`,
      INSTELLIX_REALM: DEFAULT_REALM,
      INSTELLIX_CLIENT_ID: DEFAULT_CLIENT_ID,
      INSTELLIX_CLIENT_SECRET: clientSecret,
    }),
    portal: Object.freeze({ url: `${url}/portal`, username: FIRST_USERNAME, password: firstPassword(state.digester) }),
  };
}

async function closeParts({ state, server, database, closing }: EmulatorParts): Promise<void> {
  closing.abort();
  state.journal.close();
  await server.close();
  try {
    rememberInstant(state);
  } finally {
    database.close();
  }
}
