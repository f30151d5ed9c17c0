import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const forbidden = [
  ['packages/cli', '@instellix/core/store'],
  ['packages/cli', '@instellix/emulator'],
  ['packages/cli', '@instellix/redis-store'],
  ['packages/core', 'axios'],
  ['packages/core', 'node:fs/promises'],
  ['packages/core', '@instellix/emulator'],
  ['packages/emulator', '@instellix/core'],
  ['packages/testing', '@instellix/emulator'],
  ['packages/testing/src/servers', '../../../core/src/token/token-event-emitter.ts'],
  ['packages/axios-interceptor', '@instellix/redis-store'],
  ['packages/axios-interceptor', '@instellix/core/src/index.ts'],
  ['packages/express-middleware', '@instellix/axios-interceptor'],
  ['packages/express-middleware', '@instellix/testing'],
  ['packages/file-store', '@instellix/redis-store'],
  ['packages/nestjs-module', '@instellix/express-middleware'],
  ['packages/nestjs-module', '@instellix/axios-interceptor'],
  ['packages/nestjs-module', '@nestjs/axios'],
  ['packages/nestjs-module', '@nestjs/terminus'],
  ['packages/nestjs-module', 'axios'],
  ['packages/nestjs-module/src/axios', '@nestjs/terminus'],
  ['packages/nestjs-module/src/axios', '@instellix/emulator'],
  ['packages/nestjs-module/src/terminus', '@instellix/axios-interceptor'],
  ['packages/nestjs-module/src/terminus', '@nestjs/axios'],
  ['packages/nestjs-module/src/testing', '@instellix/emulator'],
  ['packages/opentelemetry', '@instellix/express-middleware'],
  ['packages/redis-store', '@instellix/file-store'],
  ['packages/redis-store', '@instellix/testing/servers'],
  ['packages/undici-interceptor', '@instellix/file-store'],
  ['apps/axios-script', '@instellix/testing'],
  ['apps/axios-script', '@instellix/testing/servers'],
  ['apps/axios-script', '../../../packages/core/src/index.ts'],
  ['benchmarks', '../../packages/core/src/index.ts'],
  ['benchmarks', '../../packages/redis-store/test/redis-pair.ts'],
  ['benchmarks', '@instellix/core/src/index.ts'],
] as const;
const allowed = [
  ['packages/cli', '@instellix/core'],
  ['packages/cli', '@instellix/core/adapter'],
  ['packages/cli', '@instellix/file-store'],
  ['packages/cli', 'commander'],
  ['packages/core', './b.ts'],
  ['packages/core', '../b.ts'],
  ['packages/emulator', 'hono'],
  ['packages/testing', '@instellix/core'],
  ['packages/testing/src/servers', '../gate.ts'],
  ['packages/axios-interceptor', 'axios'],
  ['packages/axios-interceptor', '@instellix/core/adapter'],
  ['packages/express-middleware', '@instellix/core'],
  ['packages/express-middleware', 'undici'],
  ['packages/nestjs-module', '@nestjs/common'],
  ['packages/nestjs-module/src/axios', '@instellix/axios-interceptor'],
  ['packages/nestjs-module/src/axios', 'axios'],
  ['packages/nestjs-module/src/terminus', '@nestjs/terminus'],
  ['packages/opentelemetry', '@instellix/core/adapter'],
  ['packages/opentelemetry', '@opentelemetry/api'],
  ['packages/redis-store', '@instellix/core/store'],
  ['packages/redis-store', 'redis'],
  ['packages/undici-interceptor', 'undici'],
  ['apps/axios-script', '@instellix/core'],
  ['benchmarks', '@instellix/core'],
  ['benchmarks', '@instellix/testing/seeded-random'],
  ['benchmarks', '@instellix/testing/servers'],
] as const;

// A copy: a file that breaks the rules must not lie in the real tree, not even for a moment.
const folder = mkdtempSync(join(tmpdir(), 'import-arrows-'));
const fileOf = (owner: string, specifier: string) => {
  const folder = owner.includes('/src/') ? owner : `${owner}/src`;
  return `${folder}/${specifier.replaceAll(/\W+/g, '-')}.ts`;
};
let rejected = new Set<string>();

beforeAll(async () => {
  copyFileSync(fileURLToPath(new URL('../biome.json', import.meta.url)), join(folder, 'biome.json'));
  for (const [owner, specifier] of [...forbidden, ...allowed]) {
    const file = join(folder, fileOf(owner, specifier));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `import '${specifier}';\n`);
  }
  const args = ['lint', '--vcs-enabled=false', '--only=style/noRestrictedImports', '--reporter=json', '.'];
  const report = await new Promise<string>((resolve) => {
    execFile('biome', args, { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(report) as { diagnostics: { location: { path: string } }[] };
  rejected = new Set(diagnostics.map(({ location }) => location.path));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the import rules of the linter', () => {
  test.each(forbidden)('%s may not import %s', (owner, specifier) => {
    expect(rejected).toContain(fileOf(owner, specifier));
  });

  test.each(allowed)('%s may import %s', (owner, specifier) => {
    expect(rejected).not.toContain(fileOf(owner, specifier));
  });
});
