import { Agent, request } from 'node:http';
import { basic } from '../wire/token-call.ts';

/** A response with its parsed body. */
export interface LoadResponse {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends many requests over few open connections, with little load of its own. */
export class LoadClient implements Disposable {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Requests a token. */
  requestToken(realm: string, clientId: string, clientSecret: string): Promise<LoadResponse> {
    return this.#send('POST', `/${realm}/oauth2/token`, basic(clientId, clientSecret), 'grant_type=client_credentials');
  }

  /** Calls a resource. */
  call(path: string, token: string): Promise<LoadResponse> {
    return this.#send('GET', path, `Bearer ${token}`);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, authorization: string, body = ''): Promise<LoadResponse> {
    const headers = {
      authorization,
      ...(body !== '' && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { agent: this.#agent, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: text === '' ? {} : JSON.parse(text) });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** Runs `count` tasks, `concurrency` of them at a time. */
export async function runMany(count: number, concurrency: number, task: (index: number) => Promise<void>) {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await task(index);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
