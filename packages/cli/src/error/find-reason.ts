/** More than any wrapper adds. Ends the search when causes form a circle. */
const maxCauses = 8;

/** Returns the first error code of an error and its causes, such as `ECONNREFUSED`; empty when there is none. */
export function findErrorCode(error: unknown): string {
  const codes = listCauses(error).map(({ code }) => code);
  return codes.find((code) => typeof code === 'string' && /^[A-Z][A-Z\d_]+$/.test(code)) ?? '';
}

/** Says why a call failed: the message of the innermost cause, with the code, such as `other side closed (UND_ERR_SOCKET)`. */
export function findReason(error: Error): string {
  const code = findErrorCode(error);
  const { message = '' } = listCauses(error).at(-1) ?? {};
  const reason = message.replace(/^Cannot follow the redirect: /, '');
  return reason.includes(code) ? reason : `${reason} (${code})`;
}

/** An error, its cause, and so on. An AggregateError has no cause: several attempts to connect failed, mostly for the same reason. */
function listCauses(error: unknown): NodeJS.ErrnoException[] {
  const list: NodeJS.ErrnoException[] = [];
  let current = error;
  while (current instanceof Error && list.length < maxCauses) {
    list.push(current);
    const { cause, errors } = current as Error & { readonly errors?: readonly unknown[] };
    current = cause ?? errors?.[0];
  }
  return list;
}
