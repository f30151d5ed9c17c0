import { JSON_HEADERS } from '../protocol/outcome.ts';

/** An answer of the administration that says no: JSON, a sentence, never a stack. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, description: string, headers: Readonly<Record<string, string>> = {}) {
    super(description);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  toResponse(): Response {
    const body = JSON.stringify({ error: this.code, error_description: this.message });
    return new Response(body, { status: this.status, headers: { ...JSON_HEADERS, ...this.headers } });
  }
}
