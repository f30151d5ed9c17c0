/** The URLs of a mock server, and the credential. */
export interface MockTarget {
  readonly origin: string;
  readonly tokenPath: string;
  /** A resource that requires a token. */
  readonly resourcePath: string;
  /** The Basic header of a client that it knows. */
  readonly authorization: string;
}

/** A server to test OAuth clients against. */
export interface MockServerSubject {
  readonly name: string;
  /** Loads it and starts it on a free port of loopback, as its documentation shows. */
  readonly start: () => Promise<MockTarget>;
}

const basic = (clientId: string, clientSecret: string) =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;

/** Ours, without the throttle, which the other does not have. */
export const instellixEmulator: MockServerSubject = {
  name: '@instellix/emulator',
  async start() {
    const { startEmulator } = await import('@instellix/emulator');
    const { url, realm, clientId, clientSecret } = await startEmulator({ throttleWindowMs: 0 });
    return {
      origin: url,
      tokenPath: `/${realm}/oauth2/token`,
      resourcePath: '/some-resource',
      authorization: basic(clientId, clientSecret),
    };
  },
};

/** The reference. */
export const oauth2MockServer: MockServerSubject = {
  name: 'oauth2-mock-server',
  async start() {
    const { OAuth2Server } = await import('oauth2-mock-server');
    const server = new OAuth2Server();
    await server.issuer.keys.generate('RS256');
    await server.start(0, '127.0.0.1');
    const origin = `http://127.0.0.1:${server.address().port}`;
    return { origin, tokenPath: '/token', resourcePath: '/userinfo', authorization: basic('client', 'secret') };
  },
};

/** The reference again: the difference between the two is noise. */
export const secondOauth2MockServer: MockServerSubject = {
  ...oauth2MockServer,
  name: 'oauth2-mock-server, measured a second time',
};

/** All servers, the reference first. */
export const mockServerSubjects: readonly MockServerSubject[] = [
  oauth2MockServer,
  secondOauth2MockServer,
  instellixEmulator,
];
