import { VirtualClock } from '@instellix/testing';
import { expect } from 'vitest';
import { findLeaks } from '../../../../tools/leak-watch/find-leaks.ts';
import { encodeBasicCredentials, formEncode } from '../../src/endpoint/basic-credentials.ts';
import { requestToken, type TokenRequestSettings } from '../../src/endpoint/request-token.ts';
import type { TokenAnswer } from '../../src/endpoint/token-answer.ts';

/** Every character in it is written differently by some encoding. */
export const secret = 'planted "s3cret":\\ä/+?&=%';
export const token = 'planted-token.0123456789~AZaz_+/==';
export const clientId = 'my-app';
export const basic = encodeBasicCredentials(clientId, secret, 'raw');

/** The forms of the secret that whoever sees the request may quote. */
export const secretForms = [secret, JSON.stringify(secret).slice(1, -1), formEncode(secret), basic];
/** All that must not show. */
export const plantedForms = [...secretForms, encodeBasicCredentials(clientId, secret, 'form'), token];

/** A token request with all defaults and a clock that stands still. */
export function tokenRequest(settings: Partial<TokenRequestSettings>, signal?: AbortSignal) {
  const clock = new VirtualClock();
  const caller = new AbortController();
  const answer = requestToken(
    {
      tokenUrl: 'http://127.0.0.1:1/acme/oauth2/token',
      subject: 'realm "acme" in environment sandbox',
      clientId,
      bodyFormat: 'multipart',
      basicEncoding: 'raw',
      scope: undefined,
      timeoutMs: 10_000,
      fetch,
      ...settings,
      clock,
    },
    secret,
    signal ?? caller.signal,
  );
  return { answer, clock, caller };
}

/** A token request whose `fetch` is the given function. */
export function answerOf(fake: (...request: Parameters<typeof fetch>) => unknown): Promise<TokenAnswer> {
  return tokenRequest({ fetch: (async (...request) => fake(...request)) as typeof fetch }).answer;
}

/** The error of an answer, once it has been looked through for secrets. */
export function errorOf(answer: TokenAnswer) {
  if (answer.kind === 'granted') throw new Error('A token was granted.');
  const { error } = answer;
  expect(findLeaks(error, plantedForms)).toEqual([]);
  expect(error.message).toMatch(/^No token for client "my-app" of realm "acme" in environment sandbox: .*\.$/);
  return error;
}

/** What counts in an answer, in one line that a table can hold. */
export function summarize(answer: TokenAnswer): string {
  if (answer.kind === 'granted') {
    const { value, lifetimeMs, lifetimeAssumed } = answer;
    return `granted ${value === token ? 'the token' : value}, ${lifetimeMs} ms${lifetimeAssumed ? ' assumed' : ''}`;
  }
  const { code, status, oauthError } = errorOf(answer);
  const sent = answer.kind === 'transient' && !answer.requestSent ? 'not sent' : undefined;
  return [answer.kind, code, status, oauthError, sent].filter((part) => part !== undefined).join(' ');
}
