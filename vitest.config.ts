import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests read the packages' sources, so that a test run needs no build and points at real lines.
const conditions = ['@instellix/source'];

/** Where the totals go for whoever asks for them. */
const results = process.env['TEST_RESULTS'];

/** NestJS 11 instead of 12. */
const nest11 = {
  find: /^@nestjs\/(\w+|platform-\w+)$/,
  replacement: fileURLToPath(new URL('tools/nest-11/node_modules/@nestjs/$1', import.meta.url)),
};

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // For the Nest applications in tests, which are written as users write them.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
    setupFiles: ['tools/secret-leak-check/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          globalSetup: ['tools/skipped-tests/setup.ts'],
          include: [
            'packages/*/test/**/*.test.ts',
            'apps/*/test/**/*.test.ts',
            'tools/**/*.test.ts',
            'benchmarks/test/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        resolve: { alias: [nest11] },
        test: {
          name: 'nest-11',
          include: ['packages/nestjs-module/test/*/*.test.ts'],
          // The contract tests core.
          exclude: ['**/*.contract.test.ts'],
        },
      },
    ],
  },
});
