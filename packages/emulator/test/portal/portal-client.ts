import type { Emulator } from '../../src/index.ts';

/** A response of the portal, with its body. */
export interface PageResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A client that keeps the session cookie, and sends forms with the token of their page. */
export class PortalClient {
  readonly #url: string;
  /** The Cookie header. */
  cookie = '';

  constructor(emulator: Pick<Emulator, 'url'>) {
    this.#url = emulator.url;
  }

  /** Requests a page, without following redirects. */
  async get(path: string, headers: Record<string, string> = {}): Promise<PageResponse> {
    return this.#send(path, { headers });
  }

  /** Sends a form, with the token of the given page. */
  async post(
    path: string,
    fields: Record<string, string | readonly string[]>,
    { page, headers = {} }: { page?: string; headers?: Record<string, string> } = {},
  ): Promise<PageResponse> {
    const body = new URLSearchParams(page === undefined ? [] : [['form', await this.tokenOf(page)]]);
    for (const [name, value] of Object.entries(fields)) {
      for (const one of [value].flat()) body.append(name, one as string);
    }
    return this.#send(path, { method: 'POST', body, headers });
  }

  /** The token of the last form on a page. */
  async tokenOf(page: string): Promise<string> {
    const tokens = [...(await this.get(page)).text.matchAll(/name="form" value="([^"]+)"/g)];
    return tokens.at(-1)?.[1] ?? 'no form on this page';
  }

  /** Signs in; returns the status. */
  async signIn({ username, password }: { username: string; password: string }): Promise<number> {
    return (await this.post('/portal/sign-in', { username, password })).status;
  }

  async #send(path: string, init: RequestInit): Promise<PageResponse> {
    const headers = { ...(this.cookie !== '' && { cookie: this.cookie }), ...(init.headers as object) };
    const response = await fetch(`${this.#url}${path}`, { ...init, headers, redirect: 'manual' });
    const handed = response.headers.get('set-cookie')?.split(';')[0];
    if (handed !== undefined) this.cookie = handed.endsWith('=') ? '' : handed;
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
}

/** The value of a read-only field, such as a secret. */
export function outputOf({ text }: PageResponse, id: string): string {
  return text.match(new RegExp(`<textarea id="${id}"[^>]*>([^<]*)<`))?.[1] ?? '';
}

/** A signed-in client. */
export async function signedIn(
  emulator: Pick<Emulator, 'url' | 'portal'>,
  account: { username: string; password: string } = emulator.portal,
): Promise<PortalClient> {
  const client = new PortalClient(emulator);
  const status = await client.signIn(account);
  if (status !== 303) throw new Error(`the sign-in returned ${status}`);
  return client;
}
