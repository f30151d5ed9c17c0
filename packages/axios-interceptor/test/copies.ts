import { createRequire } from 'node:module';
import { isApiUnreachable } from '@instellix/core';
import { selectVersions } from '@instellix/testing';
import newest, { type AxiosStatic } from 'axios';
import oldest from 'axios-oldest';
import { vi } from 'vitest';
import { installInstellixInterceptor } from '../src/install-instellix-interceptor.ts';

type Install = typeof installInstellixInterceptor;

interface Copy {
  readonly version: string;
  readonly axios: AxiosStatic;
  /** The interceptor as an application with this copy of Axios loads it. */
  readonly install: Install;
  /** The classes of the copy of core that this interceptor uses. */
  readonly isApiUnreachable: typeof isApiUnreachable;
}

/** The interceptor with the oldest supported `axios`. */
async function loadBesideOldest(): Promise<Pick<Copy, 'install' | 'isApiUnreachable'>> {
  vi.doMock('axios', () => import('axios-oldest'));
  vi.resetModules();
  const loaded = await import('../src/install-instellix-interceptor.ts');
  const { isApiUnreachable: itsOwn } = await import('@instellix/core');
  vi.doUnmock('axios');
  return { install: loaded.installInstellixInterceptor, isApiUnreachable: itsOwn };
}

const versions: readonly Copy[] = [
  { version: 'axios 1.21.1', axios: newest, install: installInstellixInterceptor, isApiUnreachable },
  { version: 'axios 1.12.0', axios: oldest as unknown as AxiosStatic, ...(await loadBesideOldest()) },
  // `require('axios')` returns a copy whose classes and adapters differ from those that the interceptor imports.
  {
    version: 'axios 1.21.1 (CommonJS)',
    axios: createRequire(import.meta.url)('axios') as AxiosStatic,
    install: installInstellixInterceptor,
    isApiUnreachable,
  },
];

/** One copy of Axios with one adapter of Node. */
export interface CopyUnderTest extends Omit<Copy, 'version'> {
  readonly name: string;
  readonly adapter: 'http' | 'fetch';
}

/** Every copy of Axios that the project tests, with every adapter of Node. */
export const copies: readonly CopyUnderTest[] = selectVersions(versions).flatMap(({ version, ...copy }) =>
  (['http', 'fetch'] as const).map((adapter) => ({ ...copy, adapter, name: `${version}, ${adapter} adapter:` })),
);
