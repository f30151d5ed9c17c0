import type { InstellixModuleOptions } from '@instellix/nestjs-module';
import { registerAs } from '@nestjs/config';

/**
 * Environment and realm, which both credentials share, are read from the `INSTELLIX_…` variables. A missing id or secret is empty here, so
 * that the module reports it together with all other problems. While instellix is down, a caller waits at most 10 s for a token: less
 * than the timeout of Axios, so that the response is a 503 with the reason.
 */
function credential(prefix: string): InstellixModuleOptions {
  return {
    clientId: process.env[`${prefix}_CLIENT_ID`] ?? '',
    clientSecret: process.env[`${prefix}_CLIENT_SECRET`] ?? '',
    tokenRequest: { maxWaitMs: 10_000 },
  };
}

export const readerConfig = registerAs('reader', () => credential('READER'));
export const writerConfig = registerAs('writer', () => credential('WRITER'));
