import { findLeaks, VirtualClock } from '@instellix/testing';
import { expect } from 'vitest';
import { encodeBasicCredentials, formEncode } from '../../src/endpoint/basic-credentials.ts';
import { TokenEndpoint, type TokenEndpointSettings } from '../../src/endpoint/token-endpoint.ts';
import type { TokenRequestResult } from '../../src/endpoint/token-request-result.ts';

/** Some encoding changes each character of it. */
export const secret = 'planted "s3cret":\\ä/+?&=%';
export const token = 'planted-token.0123456789~AZaz_+/==';
export const clientId = 'my-app';
export const basic = encodeBasicCredentials(clientId, secret, 'raw');

/** The forms of the secret that a server can quote. */
export const secretForms = [secret, JSON.stringify(secret).slice(1, -1), formEncode(secret), basic];
/** Everything that must not be shown. */
export const plantedForms = [...secretForms, encodeBasicCredentials(clientId, secret, 'form'), token];

/** Makes a token request with all defaults and a clock that only the test advances. */
export function tokenRequest(
  {
    timeoutMs = 10_000,
    secret: ownSecret = secret,
    ...settings
  }: Partial<TokenEndpointSettings> & { readonly timeoutMs?: number; readonly secret?: string },
  signal?: AbortSignal,
) {
  const clock = new VirtualClock();
  const caller = new AbortController();
  const endpoint = new TokenEndpoint({
    tokenUrl: 'http://127.0.0.1:1/acme/oauth2/token',
    subject: 'realm "acme" in environment sandbox',
    clientId,
    bodyFormat: 'multipart',
    basicEncoding: 'raw',
    scope: undefined,
    fetch,
    ...settings,
    clock,
  });
  const result = endpoint.requestToken(ownSecret, timeoutMs, signal ?? caller.signal, []);
  return { result, clock, caller };
}

/** Makes a token request with the given function as `fetch`. */
export function resultOf(fake: (...request: Parameters<typeof fetch>) => unknown): Promise<TokenRequestResult> {
  return tokenRequest({ fetch: (async (...request) => fake(...request)) as typeof fetch }).result;
}

/** Returns the error of a result after searching it for secrets. */
export function errorOf(result: TokenRequestResult) {
  if (result.kind === 'issued') throw new Error('A token was issued.');
  const { error } = result;
  expect(findLeaks(error, plantedForms)).toEqual([]);
  expect(error.message).toMatch(/^No token for client "my-app" of realm "acme" in environment sandbox: .*\.$/);
  return error;
}

/** Returns what matters of a result in one line. */
export function summarize(result: TokenRequestResult): string {
  if (result.kind === 'issued') {
    const { value, lifetimeMs, lifetimeAssumed } = result;
    return `issued ${value === token ? 'the token' : value}, ${lifetimeMs} ms${lifetimeAssumed ? ' assumed' : ''}`;
  }
  const { code, status, oauthError, retryable } = errorOf(result);
  const kind = result.kind === 'unauthorized' ? 'unauthorized' : retryable ? 'transient' : 'final';
  const sent = result.kind === 'failed' && !result.requestSent ? 'not sent' : undefined;
  return [kind, code, status, oauthError, sent].filter((part) => part !== undefined).join(' ');
}
