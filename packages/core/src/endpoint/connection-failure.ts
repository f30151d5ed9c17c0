import type { SafeCause } from '../secret/safe-cause.ts';

/** What fails before anything is sent. */
const neverSent = /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
/** zlib, Brotli and Zstandard, as Node names their errors. */
const undecodable = /^(?:Z_|ERR__|ERR_BROTLI_|ZSTD_)/;

/** Tells whether a request that failed with this code provably never reached the server. */
export function neverReachedServer(code: string): boolean {
  return neverSent.test(code);
}

/** Tells whether an answer came, compressed in a way that cannot be undone. */
export function isDecompressionFailure(code: string): boolean {
  return undecodable.test(code);
}

/**
 * Finds the code that says most: the first one in the chain that looks like one; empty when there is none.
 *
 * When several addresses were tried, the code of the whole is only that of the first. The one that counts is of an attempt
 * that may have reached the server, if there is one.
 */
export function findCode(failure: SafeCause | undefined): string {
  if (!failure) return '';
  const { code = '', errors = [], cause } = failure;
  const codes = errors.map(findCode);
  const decisive = codes.find((each) => !neverSent.test(each)) ?? codes[0];
  return decisive ?? (/^[A-Z]\w{2,40}$/.test(code) ? code : findCode(cause));
}
