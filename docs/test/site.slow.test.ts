import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import sirv from 'sirv';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findProgram } from '../../tools/skipped-tests/requirements.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

const docs = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'instellix-site-'));
const run = (command: string, ...args: string[]) =>
  promisify(execFile)(join(docs, 'node_modules/.bin', command), args, { cwd: docs });
let pages: string[] = [];

beforeAll(async () => {
  await run('typedoc', '--options', 'typedoc.config.mjs');
  await run('vitepress', 'build', '--outDir', folder);
  pages = globSync('**/*.html', { cwd: folder }).sort();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(docs, '../reference'), { recursive: true, force: true });
});

const read = (page: string): string => readFileSync(join(folder, page), 'utf8');
const decode = (text: string): string => decodeURIComponent(text.replaceAll('&amp;', '&'));

/** The pages and files that a page links to, with the heading if there is one: `docs/errors.html#codes`. */
function listTargets(page: string): string[] {
  const links = [...read(page).matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href = '']) => decode(href));
  const local = links.filter((href) => !/^(?:https?:|mailto:)/.test(href) && href !== '');
  return local.map((href) => {
    if (href.startsWith('#')) return page + href;
    const path = href.startsWith('/') ? href.slice(1) : posix.join(posix.dirname(page), href);
    return path.replace(/(^|\/)(?=#|$)/, '$1index.html');
  });
}

test('every link leads to a page, and to a heading on it', () => {
  const headings = new Map(
    pages.map((page) => [page, new Set([...read(page).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => decode(id ?? '')))]),
  );
  const dead = pages.flatMap((page) =>
    listTargets(page)
      .filter((target) => {
        const [path = '', heading] = target.split('#');
        return !headings.has(path) || (heading !== undefined && !headings.get(path)?.has(heading));
      })
      .map((target) => `${page} → ${target}`),
  );
  expect(pages.length).toBeGreaterThan(50);
  expect(dead).toEqual([]);
});

test('every page is in the sidebar', () => {
  const listed = new Set(listTargets('docs/errors.html').map((target) => target.split('#')[0]));
  expect(pages.filter((page) => page !== '404.html' && !listed.has(page))).toEqual([]);
});

const executablePath = findProgram('chromium');

describe.skipIf(executablePath === undefined)('in a real browser', () => {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  let browser: Browser;
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer(sirv(folder)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: executablePath as string, args: flags });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  /** Opens a page, and notes what it prints and what it requests from other hosts. */
  async function open(
    width: number,
    colorScheme: 'light' | 'dark',
    javaScriptEnabled = true,
  ): Promise<{ page: Page; problems: string[] }> {
    const context = await browser.newContext({
      baseURL: origin,
      viewport: { width, height: 800 },
      colorScheme,
      javaScriptEnabled,
    });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) problems.push(`request to ${request.url()}`);
    });
    return { page, problems };
  }

  async function findBarriers(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    return (await page.evaluate(
      `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) =>
         violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target.join(' '))))`,
    )) as string[];
  }

  test('no page scrolls sideways at 360 px', async () => {
    // The pages are complete without JavaScript, and load faster.
    const { page, problems } = await open(360, 'light', false);
    const wide: string[] = [];
    for (const path of pages) {
      await page.goto(`/${path}`);
      const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
      if (overflow > 0) wide.push(`${path}: ${overflow} px`);
    }
    expect(wide).toEqual([]);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  const kinds = [
    '',
    'docs/errors.html',
    'docs/scaling.html',
    'packages/core/README.html',
    'reference/@instellix/core/store.html',
  ];
  test.each([
    ['light', kinds],
    ['dark', kinds.slice(1, 2)],
  ] as const)('one page of each kind has no barrier (%s)', async (colorScheme, paths) => {
    const { page } = await open(360, colorScheme);
    for (const path of paths) {
      await page.goto(`/${path}`);
      expect(await findBarriers(page), path).toEqual([]);
    }
    await page.context().close();
  });

  test('the search finds a page, and leads to it', async () => {
    const { page, problems } = await open(1280, 'light');
    await page.goto('/');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('guarded proxy');
    await page.getByRole('option').first().click();
    await page.waitForURL('**/docs/express-proxy.html*');
    await page.getByRole('heading', { level: 1, name: 'The guarded proxy' }).waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
