import type { Profile, Reason } from '../../src/index.ts';

/** What a case can build its request of. */
export interface Stage {
  /** The Basic header line of the client with the roles reader and writer. */
  readonly basic: string;
  /** Its secret. */
  readonly secret: string;
  /** A live token of a client that is a reader. */
  readonly reader: string;
  /** A live token of the client with the roles reader and writer. */
  readonly both: string;
  /** A token whose time is over. */
  readonly expired: string;
  /** A token that was revoked. */
  readonly revoked: string;
}

/** The bytes of a request: request line and header lines, then the body. Host and Connection are added. */
export interface RawRequest {
  readonly head: readonly string[];
  readonly body?: string;
}

/** One row of the table: what is sent, what has to come back, and which clause says so. */
export interface ConformanceCase {
  readonly title: string;
  readonly clause: string;
  /** @default 'vendor' */
  readonly profile?: Profile;
  send(stage: Stage): RawRequest;
  readonly status: number;
  /** Header lines that must be there, by their name in lower case; null: must not be there. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>;
  readonly body?: RegExp;
  /** What the request log says. */
  readonly reason?: Reason;
}

const FORM = 'Content-Type: application/x-www-form-urlencoded';

/** A form to an OAuth endpoint; `lines` are more header lines. */
export function form(path: string, body: string, ...lines: string[]): RawRequest {
  return { head: [`POST ${path} HTTP/1.1`, FORM, `Content-Length: ${Buffer.byteLength(body)}`, ...lines], body };
}

/** A token request with a good form. */
export function tokenRequest(...lines: string[]): RawRequest {
  return form('/local/oauth2/token', 'grant_type=client_credentials', ...lines);
}

/** A request without a body. */
export function plain(line: string, ...lines: string[]): RawRequest {
  return { head: [`${line} HTTP/1.1`, ...lines] };
}

/** A Basic header line of any text. */
export function basicLine(pair: string): string {
  return `Authorization: Basic ${Buffer.from(pair).toString('base64')}`;
}
