import { type ServerResponse, STATUS_CODES } from 'node:http';

/** What a problem document says; its `title` is the phrase of the status unless given. */
export interface ProblemDetails {
  readonly status: number;
  /** A stable, documented code: callers branch on it, never on the texts. */
  readonly code: string;
  readonly title?: string | undefined;
  /** One sentence for whoever reads the answer; never a URL, token or stack. */
  readonly detail?: string | undefined;
  /** Headers of the answer besides those of the document, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Answers with a problem document, on any server that hands out Node's response.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-3
 */
export function sendProblem(response: ServerResponse, problem: ProblemDetails): void {
  const { status, code, title = STATUS_CODES[status], detail, headers } = problem;
  const document = JSON.stringify({ title, status, code, detail });
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(document),
    'Cache-Control': 'no-store',
  });
  response.end(document);
}
