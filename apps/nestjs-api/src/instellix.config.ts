import type { InstellixModuleOptions } from '@instellix/nestjs-module';
import { registerAs } from '@nestjs/config';

/** Environment and realm, which both share, are read from the `INSTELLIX_…` variables. */
function credential(prefix: string): InstellixModuleOptions {
  return { clientId: required(`${prefix}_CLIENT_ID`), clientSecret: required(`${prefix}_CLIENT_SECRET`) };
}

/** Fails here, with the name of the variable: the client knows only that the option is undefined. */
function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}.`);
  return value;
}

export const readerConfig = registerAs('reader', () => credential('READER'));
export const writerConfig = registerAs('writer', () => credential('WRITER'));
