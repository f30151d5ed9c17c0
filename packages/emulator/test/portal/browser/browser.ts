import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { findProgram } from '../../../../../tools/skipped-tests/requirements.ts';
import type { Emulator } from '../../../src/index.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** The path of the browser; `undefined` when none is installed. */
export const executablePath = findProgram('chromium');

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Returns a way to open pages in a browser that ends with the test file.
 *
 * A test fails when a page writes to the console or sends a request to another server than the emulator.
 */
export function useBrowser(): (emulator: Emulator, options?: BrowserContextOptions) => Promise<Page> {
  let browser: Browser | undefined;
  let problems: string[] = [];
  const opened: Page[] = [];
  beforeAll(async () => {
    if (executablePath !== undefined) browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((page) => page.context().close()));
    const found = problems;
    problems = [];
    expect(found).toEqual([]);
  });
  return async (emulator, options = {}) => {
    if (browser === undefined) throw new Error('there is no browser');
    const context = await browser.newContext({ baseURL: emulator.url, ...options });
    const page = await context.newPage();
    opened.push(page);
    page.on('console', (message) => {
      // The browser logs the status of error pages itself. The tests check these pages.
      const isRefusedPage = /^Failed to load resource: .* status of (?:400|403)/.test(message.text());
      if (!isRefusedPage || message.location().url !== page.url()) problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== emulator.url) problems.push(`request to ${request.url()}`);
    });
    page.on('requestfailed', (request) => {
      // A navigation aborts the requests of the previous page.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') problems.push(`failed: ${request.url()}`);
    });
    return page;
  };
}

/** Signs in, by default as the first account. */
export async function signIn(
  page: Page,
  { portal }: Emulator,
  { username, password }: { username: string; password: string } = portal,
): Promise<void> {
  await page.goto(portal.url);
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
