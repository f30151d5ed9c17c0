import type { Problems } from './problems.ts';
import { readText } from './read-text.ts';
import type { Setting } from './setting.ts';

/**
 * Reads the client id. In a raw Basic header the first colon ends it, so there it cannot hold one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7617#section-2
 */
export function readClientId(setting: Setting, basicEncoding: 'raw' | 'form', problems: Problems): string {
  return readText(setting, problems, (clientId) =>
    basicEncoding === 'raw' && clientId.includes(':')
      ? 'must not hold a colon: remove it, or set tokenRequest.basicEncoding to form'
      : undefined,
  );
}
