import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** Bundles for no platform: an import that only Node has stays unresolved and is listed. */
async function bundle(contents: string, format: 'esm' | 'iife') {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../src', import.meta.url)), loader: 'ts' },
    bundle: true,
    minify: true,
    format,
    globalName: 'core',
    platform: 'neutral',
    target: 'es2023',
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  return { code: outputFiles[0]?.text ?? '', imports: output?.imports ?? [] };
}

const everything = `export * from ${JSON.stringify(entry)};`;

describe('a bundle of core', () => {
  test('imports nothing, so that it loads where there is no Node', async () => {
    const { imports, code } = await bundle(everything, 'esm');
    expect(imports).toEqual([]);
    expect(code).not.toMatch(/\bBuffer\b|\brequire\(/);
  });

  test('is at most 20 kB, minified and gzipped: more may be an accidental import', async () => {
    const { code } = await bundle(everything, 'esm');
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(20_000);
  });

  test('contains only what is used', async () => {
    const { code } = await bundle(`export { isInstellixError } from ${JSON.stringify(entry)};`, 'esm');
    expect(code.length).toBeLessThan(300);
  });
});

/** The globals of both pages and workers. Neither has `process`, `Buffer` or `require`. */
const webGlobals = {
  AbortController,
  AbortSignal,
  atob,
  Blob,
  btoa,
  clearTimeout,
  crypto,
  DOMException,
  FormData,
  Headers,
  performance,
  ReadableStream,
  Request,
  Response,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
};

describe.each([
  ['a page', 'window'],
  ['a worker', 'self'],
])('in %s', (_, name) => {
  test('core gets a token and uses it, with the given fetch', async () => {
    const { code } = await bundle(everything, 'iife');
    const sandbox: Record<string, unknown> = { ...webGlobals };
    sandbox[name] = sandbox;
    const context = createContext(sandbox);
    runInContext(code, context);
    const requests: string[] = [];
    sandbox['fetch'] = async (input: string | URL, init: RequestInit) => {
      requests.push(`${new Headers(init.headers).get('authorization')} ${input}`);
      return Response.json({ access_token: 'portable', token_type: 'bearer', expires_in: 300 });
    };
    const status = runInContext(
      `(async () => {
        const client = core.createInstellixClient({
          environment: 'sandbox', realm: 'acme', clientId: 'my_client_id', clientSecret: 'my_client_secret', fetch,
        });
        const response = await client.fetch('/customers');
        await client.close();
        return response.status;
      })()`,
      context,
    );
    expect(await status).toBe(200);
    expect(requests).toEqual([
      'Basic bXlfY2xpZW50X2lkOm15X2NsaWVudF9zZWNyZXQ= https://api.sandbox.instellix.io/acme/oauth2/token',
      'Bearer portable https://api.sandbox.instellix.io/customers',
    ]);
  });
});
