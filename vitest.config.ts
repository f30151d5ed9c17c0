import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests read the packages' sources, so that a test run needs no build and points at real lines.
const conditions = ['@instellix/source'];

/** The file for the totals. */
const results = process.env['TEST_RESULTS'];

/** NestJS 11 instead of 12. */
const nest11 = {
  find: /^@nestjs\/(\w+|platform-\w+)$/,
  replacement: fileURLToPath(new URL('tools/nest-11/node_modules/@nestjs/$1', import.meta.url)),
};

const folders = ['packages/*/test', 'apps/*/test', 'docs/test', 'tools', 'benchmarks/test'];

/** undici 8 instead of 7, in the proxy for Express. */
const undici8 = { find: /^undici$/, replacement: fileURLToPath(new URL('node_modules/undici', import.meta.url)) };

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // For the Nest applications in tests, which are written as users write them.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
    setupFiles: ['tools/secret-leak-check/setup.ts'],
    // Only for tests that hang: a busy machine may slow down any of them.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // By default, Vitest leaves one processor free, which is half of a machine with two.
    maxWorkers: availableParallelism(),
    // Concurrent tests are those that wait, for the throttle for instance.
    maxConcurrency: 10,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          env: { TEST_VERSIONS: 'newest' },
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/node_modules/**', '**/*.slow.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          // Processes, browsers, servers and load. Some of these tests require more than Node.
          name: 'slow',
          globalSetup: ['tools/skipped-tests/setup.ts'],
          include: folders.map((folder) => `${folder}/**/*.slow.test.ts`),
        },
      },
      {
        extends: true,
        test: {
          // The unit tests that run with several versions of Axios or undici, with all but the newest.
          name: 'other-versions',
          env: { TEST_VERSIONS: 'others' },
          include: ['packages/{axios,undici}-interceptor/test/*.test.ts'],
          exclude: ['**/*.slow.test.ts'],
        },
      },
      {
        extends: true,
        resolve: { alias: [nest11] },
        test: {
          name: 'nest-11',
          include: ['packages/nestjs-module/test/*/*.test.ts'],
          // The contract tests core, not Nest.
          exclude: ['**/*.contract.test.ts'],
        },
      },
      {
        extends: true,
        resolve: { alias: [undici8] },
        test: {
          name: 'undici-8',
          include: ['packages/express-middleware/test/proxy/{proxy-exchange,api-dispatcher,unchanged}.test.ts'],
        },
      },
    ],
  },
});
