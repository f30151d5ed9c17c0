import type { Emulator } from '../../src/index.ts';

/** An answer of the portal, with what was read of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A browser without a screen: keeps its cookie, and sends forms as the page has them. */
export class PortalClient {
  readonly #url: string;
  /** The Cookie header. */
  cookie = '';

  constructor(emulator: Pick<Emulator, 'url'>) {
    this.#url = emulator.url;
  }

  /** Asks for a page, without following where it leads. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#send(path, { headers });
  }

  /** Sends a form, with a token of the page that is given, if any. */
  async post(
    path: string,
    fields: Record<string, string | readonly string[]>,
    { page, headers = {} }: { page?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
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

  async #send(path: string, init: RequestInit): Promise<Answer> {
    const headers = { ...(this.cookie !== '' && { cookie: this.cookie }), ...(init.headers as object) };
    const answer = await fetch(`${this.#url}${path}`, { ...init, headers, redirect: 'manual' });
    const handed = answer.headers.get('set-cookie')?.split(';')[0];
    if (handed !== undefined) this.cookie = handed.endsWith('=') ? '' : handed;
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }
}

/** What stands in a read-only field, such as a secret that is shown once. */
export function outputOf({ text }: Answer, id: string): string {
  return text.match(new RegExp(`<textarea id="${id}"[^>]*>([^<]*)<`))?.[1] ?? '';
}

/** A browser that is signed in. */
export async function signedIn(
  emulator: Pick<Emulator, 'url' | 'portal'>,
  account: { username: string; password: string } = emulator.portal,
): Promise<PortalClient> {
  const client = new PortalClient(emulator);
  const status = await client.signIn(account);
  if (status !== 303) throw new Error(`signing in was answered with ${status}`);
  return client;
}
