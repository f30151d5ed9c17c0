import type { SafeCause } from '../secret/safe-cause.ts';

/** What fails before anything is sent. */
const neverSent = /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
/** zlib, Brotli and Zstandard, as Node names their errors. */
const undecodable = /^(?:Z_|ERR__|ERR_BROTLI_|ZSTD_)/;

/**
 * Tells whether a request provably never reached the server.
 *
 * When several addresses were tried, each attempt must have failed that way: the code of the whole is only that of the first.
 */
export function neverReachedServer(failure: SafeCause | undefined): boolean {
  if (!failure) return false;
  const { code = '', errors, cause } = failure;
  return (errors?.length ? errors.every(neverReachedServer) : neverSent.test(code)) || neverReachedServer(cause);
}

/** Tells whether an answer came, compressed in a way that cannot be undone. */
export function isDecompressionFailure(failure: SafeCause | undefined): boolean {
  return !!failure && (undecodable.test(failure.code ?? '') || isDecompressionFailure(failure.cause));
}

/** The code that says most in a message: the first one in the chain that looks like one. */
export function findCode(failure: SafeCause | undefined): string | undefined {
  if (!failure) return undefined;
  return /^[A-Z][A-Z\d_]{2,40}$/.exec(failure.code ?? '')?.[0] ?? findCode(failure.cause);
}
