import { createInstellixClient, findInstellixError, type TokenEvent, type TokenStore } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';
import { describeError } from '../error/describe-error.ts';
import type { DoctorContext, RequestedToken } from './doctor-step.ts';

/** The options of a token request that servers disagree about. */
export interface RequestForm {
  readonly bodyFormat: 'multipart' | 'urlencoded';
  readonly basicEncoding: 'raw' | 'form';
}

/** Why there is no token. */
export interface TokenFailure {
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
  /** The `error` code of the response. */
  readonly oauthError: string | undefined;
}

/** The outcome of requesting a token in one form. */
export type TokenAttempt =
  /** `refusedFirst` is the status of a response that refused the credential, before another one accepted it. */
  | { readonly token: RequestedToken; readonly refusedFirst: number | undefined; readonly failure?: undefined }
  | { readonly token?: undefined; readonly failure: TokenFailure };

/**
 * Requests a token by core, whose rules make sure that the throttle is not taken for wrong credentials: requests of all processes that use
 * the file store keep the interval, and a 401 counts only when another one follows after a full interval.
 */
export async function requestToken(context: DoctorContext, form: RequestForm): Promise<TokenAttempt> {
  const { storeDirectory, progress, signal } = context;
  let lifetimeMs = 0;
  let isAssumed = false;
  let refusedFirst: number | undefined;
  const onEvent = (event: TokenEvent): void => {
    progress.onEvent(event);
    if (event.type === 'token_obtained') lifetimeMs = event.lifetimeMs;
    if (event.type === 'lifetime_assumed') isAssumed = true;
    if (event.type === 'token_request_failed' && isUnauthorized(event.status)) refusedFirst = event.status;
  };
  const store = withoutTokens(fileTokenStore({ directory: storeDirectory }));
  const client = createInstellixClient({ store, tokenRequest: form, onEvent });
  try {
    await client.getToken({ signal });
    return { token: { client, lifetimeMs, isAssumed }, refusedFirst };
  } catch (error) {
    await client.close();
    signal.throwIfAborted();
    return { failure: describeFailure(error) };
  }
}

/** Some servers send 403 for a wrong secret. */
export function isUnauthorized(status: number | undefined): boolean {
  return status === 401 || status === 403;
}

function describeFailure(thrown: unknown): TokenFailure {
  const error = findInstellixError(thrown);
  if (error?.name !== 'TokenRequestError') throw thrown;
  const { code, status, oauthError } = error;
  return { code, message: describeError(error), status, oauthError };
}

/**
 * A store that keeps the interval between the requests of all processes, but returns none of their tokens, so that a token is requested.
 * What is requested is shared with them.
 */
function withoutTokens(store: TokenStore): TokenStore {
  return {
    read: async () => undefined,
    async claim(key, request) {
      const result = await store.claim(key, request);
      return result.outcome === 'found' ? store.claim(key, { ...request, knownFence: result.token.fence }) : result;
    },
    commit: (key, token) => store.commit(key, token),
    release: (key, fence, requestSent) => store.release(key, fence, requestSent),
    remove: (key, fence) => store.remove(key, fence),
  };
}

/** Closes the client of an attempt, if there is one. */
export async function closeAttempt({ token }: TokenAttempt): Promise<void> {
  await token?.client.close();
}
