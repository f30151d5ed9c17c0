import { object, readArguments } from '../configuration/object-validator.ts';
import { number, optional } from '../configuration/validator.ts';
import type { AccessToken } from './access-token.ts';
import type { GetTokenOptions } from './token-source.ts';

const validator = /* @__PURE__ */ object<GetTokenOptions>({
  signal: optional<AbortSignal | null>(
    'an AbortSignal',
    (signal) =>
      signal === null || (typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function'),
  ),
  minValidityMs: number(0, Number.MAX_VALUE),
  rejected: optional<AccessToken>(
    'the token that getToken returned, not its value',
    (token) => typeof token?.value === 'string',
  ),
});

/** @throws TypeError when an option is wrong or unknown */
export function readGetTokenArguments(options: GetTokenOptions | undefined): GetTokenOptions {
  return options === undefined ? {} : readArguments(validator, options, 'getToken: options');
}
