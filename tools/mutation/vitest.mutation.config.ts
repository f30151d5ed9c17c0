import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Stryker copies the repository into a sandbox, but links node_modules, whose links of the workspace lead back to the sources
// without mutants. Therefore the names of the packages resolve to the sandbox.
const packages = fileURLToPath(new URL('../../packages', import.meta.url));
const alias = [
  { find: /^@instellix\/([a-z-]+)$/, replacement: `${packages}/$1/src/index.ts` },
  { find: /^@instellix\/core\/([a-z-]+)$/, replacement: `${packages}/core/src/$1.ts` },
];

/** The tests of core alone, without the setup files of the other tests. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { alias },
  test: {
    include: ['packages/core/test/**/*.test.ts'],
    exclude: [
      // It measures the size of the sources, which the mutants multiply.
      'packages/core/test/bundle.test.ts',
      // It starts a process for each test, which takes longer than all other tests of a mutant.
      'packages/core/test/token/process-life.slow.test.ts',
      // It compares durations, of which a mutation run has no reliable ones.
      '**/pathological-input.slow.test.ts',
    ],
    env: { LIFECYCLE_RUNS: '120' },
  },
});
