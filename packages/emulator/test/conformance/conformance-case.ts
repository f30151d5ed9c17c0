import type { Profile, Reason } from '../../src/index.ts';

/** The parts from which a case builds its request. */
export interface ConformanceContext {
  /** The Basic header line of the client with the roles reader and writer. */
  readonly basic: string;
  /** Its secret. */
  readonly secret: string;
  /** A valid token of a client with the role reader. */
  readonly reader: string;
  /** A valid token of the client with the roles reader and writer. */
  readonly both: string;
  /** An expired token. */
  readonly expired: string;
  /** A token that was revoked. */
  readonly revoked: string;
}

/** The bytes of a request: request line and header lines, then the body. Host and Connection are added. */
export interface RawRequest {
  readonly head: readonly string[];
  readonly body?: string;
}

/** A request, the required response, and the clause that requires it. */
export interface ConformanceCase {
  readonly title: string;
  readonly clause: string;
  /** @default 'vendor' */
  readonly profile?: Profile;
  send(stage: ConformanceContext): RawRequest;
  readonly status: number;
  /** Required headers, by name in lower case; null: must be absent. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>;
  readonly body?: RegExp;
  /** The reason in the request log. */
  readonly reason?: Reason;
}

const FORM = 'Content-Type: application/x-www-form-urlencoded';

/** A form to an OAuth endpoint; `lines` are further header lines. */
export function form(path: string, body: string, ...lines: string[]): RawRequest {
  return { head: [`POST ${path} HTTP/1.1`, FORM, `Content-Length: ${Buffer.byteLength(body)}`, ...lines], body };
}

/** A token request with a valid form. */
export function tokenRequest(...lines: string[]): RawRequest {
  return form('/local/oauth2/token', 'grant_type=client_credentials', ...lines);
}

/** A request without a body. */
export function plain(line: string, ...lines: string[]): RawRequest {
  return { head: [`${line} HTTP/1.1`, ...lines] };
}

/** A Basic header line of any string. */
export function basicLine(pair: string): string {
  return `Authorization: Basic ${Buffer.from(pair).toString('base64')}`;
}
