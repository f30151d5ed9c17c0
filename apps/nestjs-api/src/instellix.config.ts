import type { InstellixModuleOptions } from '@instellix/nestjs-module';
import { registerAs } from '@nestjs/config';

/**
 * Environment and realm, which both credentials share, are read from the `INSTELLIX_…` variables. A missing id or secret is empty here, so
 * that the module reports it together with all other problems.
 */
function credential(prefix: string): InstellixModuleOptions {
  return {
    clientId: process.env[`${prefix}_CLIENT_ID`] ?? '',
    clientSecret: process.env[`${prefix}_CLIENT_SECRET`] ?? '',
  };
}

export const readerConfig = registerAs('reader', () => credential('READER'));
export const writerConfig = registerAs('writer', () => credential('WRITER'));
