import { connect, type Socket } from 'node:net';

/** The bytes of a response, parsed. */
export interface RawResponse {
  /** 0: nothing that could be a response arrived. */
  readonly status: number;
  /** Names in lower case; repeated headers are joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether a strict client accepts the response as complete. */
  readonly isWhole: boolean;
  /** The state of the connection after the response. */
  readonly connection: 'open' | 'ended' | 'reset';
  readonly raw: string;
}

/** A client that sends raw bytes. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  #state: RawResponse['connection'] = 'open';
  #changed = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    const note = (state: RawResponse['connection']) => {
      if (this.#state !== 'reset') this.#state = state;
      this.#changed();
    };
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#changed();
    });
    socket.on('end', () => note('ended'));
    socket.on('error', () => note('reset'));
    socket.on('close', () => note('ended'));
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  get received(): string {
    return this.#received;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  send(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  /** Waits for the next response. An incomplete one is returned when the connection has ended. */
  async readResponse(method = 'GET'): Promise<RawResponse> {
    for (;;) {
      const parsed = parseAnswer(this.#received, method, this.#state !== 'open');
      const isDone = parsed?.isWhole || this.#state !== 'open';
      if (isDone) {
        const { rest, ...response } = parsed ?? nothing(this.#received);
        this.#received = rest;
        const isCut = this.#state === 'reset' && !isSelfDelimited(response.headers, response.status, method);
        return { ...response, isWhole: response.isWhole && !isCut, connection: this.#state };
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Waits until the server has ended the connection. */
  async ended(): Promise<RawResponse['connection']> {
    while (this.#state === 'open') {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    return this.#state;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

type Parsed = Omit<RawResponse, 'connection'> & { readonly rest: string };

function nothing(raw: string): Parsed {
  return { status: 0, headers: {}, body: '', isWhole: false, raw, rest: '' };
}

function hasNoBody(status: number, method: string): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

function isSelfDelimited(headers: RawResponse['headers'], status: number, method: string): boolean {
  return hasNoBody(status, method) || 'content-length' in headers || 'transfer-encoding' in headers;
}

function parseAnswer(text: string, method: string, hasEnded: boolean): Parsed | undefined {
  let start = 0;
  let end = text.indexOf('\r\n\r\n');
  while (end >= 0 && /^HTTP\/1\.1 1\d\d/.test(text.slice(start))) {
    start = end + 4;
    end = text.indexOf('\r\n\r\n', start);
  }
  if (end < 0) return undefined;
  const [line = '', ...fields] = text.slice(start, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const name = field.slice(0, field.indexOf(':')).toLowerCase();
    const value = field.slice(field.indexOf(':') + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const status = Number(line.split(' ')[1]);
  const content = text.slice(end + 4);
  const take = (body: string, used: number, isWhole: boolean): Parsed => ({
    status,
    headers,
    body,
    isWhole,
    raw: text.slice(start, end + 4 + used),
    rest: content.slice(used),
  });
  if (hasNoBody(status, method)) return take('', 0, true);
  const length = headers['content-length'];
  if (length !== undefined) return take(content.slice(0, +length), +length, content.length >= +length);
  if (headers['transfer-encoding'] === 'chunked') return takeChunks(content, take);
  return take(content, content.length, hasEnded);
}

function takeChunks(content: string, take: (body: string, used: number, isWhole: boolean) => Parsed): Parsed {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = content.indexOf('\r\n', at);
    const size = Number.parseInt(content.slice(at, lineEnd < 0 ? at : lineEnd), 16);
    if (lineEnd < 0 || content.length < lineEnd + 2 + size + 2) return take(body, content.length, false);
    if (size === 0) return take(body, lineEnd + 4, true);
    body += content.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}
