/** More than any wrapper adds. Ends the search when causes form a circle. */
const maxCauses = 8;

/** Returns the first error code among an error, its causes and their parts, such as `ECONNREFUSED`; empty when there is none. */
export function findErrorCode(error: unknown, level = 0): string {
  if (!(error instanceof Error) || level > maxCauses) return '';
  const { code, cause, errors = [] } = error as NodeJS.ErrnoException & { readonly errors?: readonly unknown[] };
  if (typeof code === 'string' && /^[A-Z][A-Z\d_]+$/.test(code)) return code;
  for (const part of [cause, ...errors]) {
    const found = findErrorCode(part, level + 1);
    if (found) return found;
  }
  return '';
}
