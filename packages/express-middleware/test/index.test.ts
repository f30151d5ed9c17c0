import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as names from '../src/index.ts';
import * as proxyNames from '../src/proxy.ts';

test('exports exactly these names', () => {
  expect(Object.keys(names).sort()).toEqual(['instellix', 'instellixErrorHandler', 'instellixHealth']);
  expect(Object.keys(proxyNames)).toEqual(['instellixProxy']);
});

/** Imports a module in its own process. Returns the packages that Node resolved for it. */
async function packagesLoadedBy(specifier: string): Promise<string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ resolve: (...[specifier, context, next]) => {
      const resolved = next(specifier, context);
      urls.push(resolved.url);
      return resolved;
    } });
    await import('${specifier}');
    console.log(JSON.stringify(urls));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@instellix/source', '--input-type=module', '--eval', script],
    { cwd: new URL('.', import.meta.url) },
  );
  const packages = (JSON.parse(stdout) as string[]).map(
    (url) => /.*\/(?:node_modules|packages)\/([^/]+)\//.exec(url)?.[1] ?? url,
  );
  return [...new Set(packages)].sort();
}

describe('in a process of its own', () => {
  test('importing the package loads core only', async () => {
    expect(await packagesLoadedBy('@instellix/express-middleware')).toEqual(['core', 'express-middleware']);
  });

  test('importing the proxy loads undici, but not Express', async () => {
    const packages = await packagesLoadedBy('@instellix/express-middleware/proxy');
    expect(packages).toContain('undici');
    expect(packages).not.toContain('express');
  });
});
