import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A request as its bytes arrived at the API. */
export interface Arrival {
  readonly method: string;
  readonly target: string;
  /** In order, with names as they were sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body so far, without the framing of chunks. */
  body: string;
  /** Whether all of the body has arrived. */
  isWhole: boolean;
  /** Whether the other side has ended the connection. */
  isCutOff: boolean;
  readonly header: (name: string) => string | undefined;
}

/** Acts as the API on the socket. Called when the head of a request has arrived. */
export type Script = (arrival: Arrival, socket: Socket) => void;

/** A response as raw bytes, with its length. */
export function rawResponse(status: string, body: string, ...headers: string[]): string {
  return [`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`, ...headers, '', body].join('\r\n');
}

/** A script that responds with given bytes when the request is complete. */
export function saying(bytes: string): Script {
  return (arrival, socket) => void whole(arrival).then(() => socket.write(bytes, 'latin1'));
}

/** Waits for all of a body, or the end of its connection. */
export async function whole(arrival: Arrival): Promise<void> {
  while (!arrival.isWhole && !arrival.isCutOff) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The API below `/v1/` and its token endpoint as raw bytes. Keeps all requests in `arrivals`. */
export class ScriptedUpstream {
  readonly arrivals: Arrival[] = [];
  readonly connections: Socket[] = [];
  tokenRequests = 0;
  /** The number of the first token that is still valid. */
  firstValid = 1;
  respondToToken: ((socket: Socket) => void) | undefined;
  /** Counts the bytes of bodies instead of keeping them. */
  keepsBodies = true;
  bytesArrived = 0;
  /** The response to an invalid token. */
  refuse: Script = saying(rawResponse('401 Unauthorized', 'no', 'WWW-Authenticate: Bearer error="invalid_token"'));
  script: Script = saying(rawResponse('200 OK', 'ok'));
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      this.connections.push(socket);
      this.#read(socket);
    });
  }

  static async start(): Promise<ScriptedUpstream> {
    const upstream = new ScriptedUpstream();
    await new Promise<void>((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get apiUrl(): string {
    return `${this.origin}/v1/`;
  }

  async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #read(socket: Socket): void {
    let pending = '';
    let current: Reading | undefined;
    const end = () => {
      if (current) current.arrival.isCutOff = true;
    };
    socket.setEncoding('latin1').on('error', end).on('close', end).on('end', end);
    socket.on('data', (text: string) => {
      pending += text;
      for (;;) {
        if (!current) {
          const headEnd = pending.indexOf('\r\n\r\n');
          if (headEnd < 0) return;
          const arrival = readHead(pending.slice(0, headEnd));
          pending = pending.slice(headEnd + 4);
          const isChunked = arrival.header('transfer-encoding') !== undefined;
          current = { arrival, isChunked, left: isChunked ? 0 : Number(arrival.header('content-length') ?? 0) };
          arrival.isWhole = !isChunked && current.left === 0;
          this.#arrived(arrival, socket);
        }
        pending = this.#readBody(current, pending);
        if (!current.arrival.isWhole) return;
        current = undefined;
        if (pending === '') return;
      }
    });
  }

  /** Consumes the bytes of a body. Returns the bytes after it. */
  #readBody(current: Reading, text: string): string {
    const { arrival } = current;
    let rest = text;
    while (!arrival.isWhole && rest !== '') {
      if (current.isChunked && current.left === 0) {
        // The line break after a chunk is parsed with the size of the next one.
        const size = /^(?:\r\n)?([\da-f]+)\r\n/i.exec(rest);
        if (!size) break;
        current.left = Number.parseInt(size[1] ?? '', 16);
        if (current.left === 0 && !rest.startsWith('\r\n', size[0].length)) break;
        arrival.isWhole = current.left === 0;
        rest = rest.slice(size[0].length + (arrival.isWhole ? 2 : 0));
      } else {
        const bytes = rest.slice(0, current.left);
        this.bytesArrived += bytes.length;
        if (this.keepsBodies) arrival.body += bytes;
        current.left -= bytes.length;
        arrival.isWhole = !current.isChunked && current.left === 0;
        rest = rest.slice(bytes.length);
      }
    }
    return rest;
  }

  #arrived(arrival: Arrival, socket: Socket): void {
    if (arrival.target.endsWith('/oauth2/token')) {
      void whole(arrival).then(() => this.#issue(socket));
      return;
    }
    this.arrivals.push(arrival);
    const number = Number(/^Bearer planted-token-(\d+)$/.exec(arrival.header('authorization') ?? '')?.[1]);
    if (number >= this.firstValid) this.script(arrival, socket);
    else this.refuse(arrival, socket);
  }

  #issue(socket: Socket): void {
    const number = ++this.tokenRequests;
    if (this.respondToToken) {
      this.respondToToken(socket);
      return;
    }
    const token = { access_token: `planted-token-${number}`, token_type: 'bearer', expires_in: 300 };
    socket.write(rawResponse('200 OK', JSON.stringify(token), 'Content-Type: application/json'));
  }
}

interface Reading {
  readonly arrival: Arrival;
  readonly isChunked: boolean;
  /** The missing bytes of the body or of the chunk. */
  left: number;
}

function readHead(head: string): Arrival {
  const [line = '', ...fields] = head.split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const headers = fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon), field.slice(colon + 1).trim()] as const;
  });
  const header = (name: string) =>
    headers
      .filter(([key]) => key.toLowerCase() === name)
      .map(([, value]) => value)
      .join(' & ') || undefined;
  return { method, target, headers, body: '', isWhole: false, isCutOff: false, header };
}
