/** What fails before anything is sent. */
const neverSent = /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
/** zlib, Brotli and Zstandard, as Node names their errors. */
const undecodable = /^(?:Z_|ERR__ERROR_|ERR_BROTLI_|ZSTD_)/;

interface ErrorWithCode extends Error {
  readonly code?: string;
  readonly errors?: readonly ErrorWithCode[];
}

/**
 * Tells whether a request provably never reached the server.
 *
 * When several addresses were tried, each attempt must have failed that way: the code of the whole is only that of the first.
 */
export function neverReachedServer(cause: unknown): boolean {
  return someError(cause, ({ code, errors }) =>
    errors ? errors.length > 0 && errors.every(neverReachedServer) : neverSent.test(code ?? ''),
  );
}

/** Tells whether an answer came, compressed in a way that cannot be undone. */
export function isDecompressionFailure(cause: unknown): boolean {
  return someError(cause, ({ code }) => undecodable.test(code ?? ''));
}

/** The first code in a chain of causes, for messages. */
export function firstCode(cause: unknown): string | undefined {
  let code: string | undefined;
  someError(cause, (error) => {
    code = error.code;
    return code !== undefined;
  });
  return code;
}

/** Walks the chain of causes, which must be a copy by `safeCause`: it ends, and reading it cannot fail. */
function someError(cause: unknown, test: (error: ErrorWithCode) => boolean): boolean {
  for (let error = cause; error instanceof Error; error = error.cause) if (test(error)) return true;
  return false;
}
