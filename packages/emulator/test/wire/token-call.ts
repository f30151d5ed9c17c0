import type { Emulator } from '../../src/index.ts';

/** The part of an emulator that these calls use, in process or over HTTP. */
export type Callee = Pick<Emulator, 'url' | 'realm' | 'clientId' | 'clientSecret' | 'requests'>;

/** A token request. The defaults are those of the default credential. */
export interface TokenCall {
  readonly realm?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The whole header; null for none. */
  readonly authorization?: string | null;
  readonly method?: string;
  readonly query?: string;
  readonly body?: BodyInit | null;
  readonly headers?: Record<string, string>;
}

/** The Basic header of a pair, as the vendor documents it (F3). */
export function basic(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}

/** The form that the vendor documents (F4). */
export function multipartForm(fields: Record<string, string> = { grant_type: 'client_credentials' }): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** The request of a token call, for a socket or for memory. */
export function tokenRequest(emulator: Callee, call: TokenCall = {}): Request {
  const { realm = emulator.realm, clientId = emulator.clientId, clientSecret = emulator.clientSecret } = call;
  const { method = 'POST', query = '', body = multipartForm(), headers = {} } = call;
  const authorization = call.authorization === undefined ? basic(clientId, clientSecret) : call.authorization;
  return new Request(`${emulator.url}/${encodeURIComponent(realm)}/oauth2/token${query}`, {
    method,
    headers: { ...headers, ...(authorization !== null && { authorization }) },
    ...(method !== 'GET' && method !== 'HEAD' && { body }),
  });
}

/** Sends a token request over a socket. */
export function callToken(emulator: Callee, call: TokenCall = {}): Promise<Response> {
  return fetch(tokenRequest(emulator, call));
}

/** Requests a token over a socket and returns it. @throws Error when the status is not 200. */
export async function obtainToken(emulator: Callee, call: TokenCall = {}): Promise<string> {
  const response = await callToken(emulator, call);
  if (response.status !== 200) throw new Error(`the token request returned ${response.status}`);
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

/** Calls a resource over a socket. */
export function callResource(
  emulator: Callee,
  path: string,
  token?: string,
  init: RequestInit = {},
): Promise<Response> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${emulator.url}${path}`, { ...init, headers: { ...authorization, ...(init.headers as object) } });
}

/** The reason of the last entry in the request log. */
export async function lastReason(emulator: Callee): Promise<string | undefined> {
  return (await emulator.requests.list()).at(-1)?.reason;
}
