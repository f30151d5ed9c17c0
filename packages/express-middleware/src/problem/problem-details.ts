import type { ServerResponse } from 'node:http';

/** The members of a problem document, and the headers of its response. */
export interface ProblemDetails {
  readonly status: number;
  /** A stable, documented code: callers branch on it, never on `title` or `detail`. */
  readonly code: string;
  /** One sentence for the reader of the response; never a URL, token or stack. */
  readonly detail?: string | undefined;
  /** Further headers of the response, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Headers that describe a representation, which is not the one that is sent. */
const foreignHeaders = /^(?:content-(?!security-policy)|etag$|last-modified$|accept-ranges$|trailer$|expires$)/;

/**
 * Responds with a problem document, on any server that passes Node's response.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-3
 */
export function sendProblem(response: ServerResponse, { status, code, detail, headers }: ProblemDetails): void {
  // Loaded here, because importing `node:http` takes as long as importing core, and a server has loaded it.
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  const document = JSON.stringify({ title: STATUS_CODES[status], status, code, detail });
  for (const name of response.getHeaderNames()) if (foreignHeaders.test(name)) response.removeHeader(name);
  removeTransferEncoding(response);
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(document),
    'Cache-Control': 'no-store',
  });
  response.end(document);
}

/** Removes what middleware has set. Beside a Content-Length, it would leave open where the response ends. */
export function removeTransferEncoding(response: ServerResponse): void {
  // Once a header of that name was removed, even one that was not set, Node sends no chunks, which `compression()` needs.
  if (response.hasHeader('Transfer-Encoding')) response.removeHeader('Transfer-Encoding');
}
