import { defineConfig } from 'vitest/config';

// Tests read the packages' sources, so that a test run needs no build and points at real lines.
const conditions = ['@instellix/source'];

/** Where the totals go for whoever asks for them. */
const results = process.env['TEST_RESULTS'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // For the Nest applications in tests, which are written as users write them.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
    globalSetup: ['tools/left-out/setup.ts'],
    setupFiles: ['tools/leak-watch/setup.ts'],
    include: [
      'packages/*/test/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'tools/**/*.test.ts',
      'benchmarks/test/**/*.test.ts',
    ],
  },
});
