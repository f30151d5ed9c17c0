/**
 * Reads which headers are meant for this connection only.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
export function readConnectionOptions(connection: string | undefined): ReadonlySet<string> {
  if (!connection || usual.test(connection)) return none;
  return new Set(connection.split(',').map((option) => option.trim().toLowerCase()));
}

const usual = /^(?:keep-alive|close)$/i;
const none: ReadonlySet<string> = new Set();
