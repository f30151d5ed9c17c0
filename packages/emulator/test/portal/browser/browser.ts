import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { findProgram } from '../../../../../tools/skipped-tests/requirements.ts';
import type { Emulator } from '../../../src/index.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Where the browser is; `undefined` when this machine has none. */
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
 * Whatever test uses them, a page that writes into the console or asks anybody but the emulator for anything fails it.
 */
export function useBrowser(): (emulator: Emulator, options?: BrowserContextOptions) => Promise<Page> {
  let browser: Browser | undefined;
  let complaints: string[] = [];
  const opened: Page[] = [];
  beforeAll(async () => {
    if (executablePath !== undefined) browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((page) => page.context().close()));
    const found = complaints;
    complaints = [];
    expect(found).toEqual([]);
  });
  return async (emulator, options = {}) => {
    if (browser === undefined) throw new Error('there is no browser');
    const context = await browser.newContext({ baseURL: emulator.url, ...options });
    const page = await context.newPage();
    opened.push(page);
    page.on('console', (message) => {
      // The browser itself notes a page that says no; what such a page says is checked by its test.
      const isRefusedPage = /^Failed to load resource: .* status of (?:400|403)/.test(message.text());
      if (!isRefusedPage || message.location().url !== page.url()) complaints.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== emulator.url) complaints.push(`request to ${request.url()}`);
    });
    page.on('requestfailed', (request) => {
      // Going on to the next page ends what the last one was still loading.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}`);
    });
    return page;
  };
}

/** Signs in as the first account, or as somebody else. */
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
