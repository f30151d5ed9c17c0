import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../../src/index.ts';
import { portalPages } from '../../../src/portal/portal-routes.ts';
import { useEmulators } from '../../wire/emulators.ts';
import { callToken } from '../../wire/token-call.ts';
import { executablePath, signIn, useBrowser } from './browser.ts';

const start = useEmulators();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const LONG =
  'A service whose name is longer than any real name would be, and withoutanyspacetobreakitatsomewhereinthemiddle';
const paths = portalPages.filter(({ method }) => method === 'GET').map(({ path }) => path);

async function furnish(start: ReturnType<typeof useEmulators>): Promise<Emulator> {
  const emulator = await start({
    throttleWindowMs: 0,
    seed: { portalUsers: [{ username: 'ada', password: null, roles: ['auditor'] }] },
  });
  await emulator.credentials.create({ roles: ['reader'], name: LONG, clientId: LONG, realm: 'acme-'.repeat(20) });
  await emulator.credentials.rotate(LONG, { overlapMs: 60_000 });
  for (let call = 0; call < 3; call += 1) await callToken(emulator);
  await callToken(emulator, { clientSecret: 'wrong' });
  await emulator.faults.add({ on: 'GET /customers', nth: 3, respond: { status: 503, body: 'x'.repeat(100) } });
  return emulator;
}

/** Opens a page with the parameters that it needs. */
async function visit(page: Page, path: string): Promise<void> {
  await page.goto(`${path}?id=${encodeURIComponent(LONG)}&name=ada`);
}

/** The rules of accessibility, and those that depend on the colours. The size of the window matters to neither. */
const allRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const colorRules = ['color-contrast', 'link-in-text-block'];

/** The accessibility rules, of these, that a page breaks, and where. */
async function findBarriers(page: Page, rules: readonly string[]): Promise<string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(rules)} }).then(({ violations }) =>
       violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target.join(' '))))`,
  )) as string[];
  return found;
}

/** The number of pixels by which a page is wider than its window. */
async function overflow(page: Page): Promise<number> {
  return Number(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'));
}

/** The lists and outputs that are cut off. */
async function findCutOff(page: Page): Promise<string[]> {
  return (await page.evaluate(
    `[...document.querySelectorAll('.scroll, textarea')].filter((part) =>
       part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight).map((part) => part.outerHTML.slice(0, 80))`,
  )) as string[];
}

describe.skipIf(executablePath === undefined)('in a real browser', () => {
  const open = useBrowser();
  const looks = [
    [360, 'dark', colorRules],
    [1280, 'light', allRules],
  ] as const;

  test.each(looks)(
    'at %i px, %s: pages do not scroll sideways, cut nothing off, and are accessible',
    async (width, colorScheme, rules) => {
      const emulator = await furnish(start);
      const page = await open(emulator, { viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
      const check = async (where: string): Promise<void> => {
        expect(await overflow(page), where).toBe(0);
        expect(await findCutOff(page), where).toEqual([]);
        expect(await findBarriers(page, rules), where).toEqual([]);
      };
      await page.goto(emulator.portal.url);
      await check('sign in');
      await signIn(page, emulator, { username: 'admin', password: 'wrong' });
      await page.getByRole('alert').waitFor();
      await check('sign in, refused');
      await signIn(page, emulator);
      for (const path of paths) {
        await visit(page, path);
        await check(path);
      }
      await page.goto('/portal/credentials/new');
      await page.getByLabel('reader').uncheck();
      await page.getByRole('button', { name: 'Create' }).click();
      await page.getByRole('alert').waitFor();
      await check('a problem');
      await page.getByLabel('reader').check();
      await page.getByRole('button', { name: 'Create' }).click();
      await page.getByLabel('Client secret').waitFor();
      await check('a secret');
      await page.getByRole('button', { name: 'Deactivate' }).click();
      await page.getByRole('status').waitFor();
      await check('a notice');
    },
  );

  test('controls have the accessible names of the design', async () => {
    const emulator = await start();
    const page = await open(emulator);
    await page.goto(emulator.portal.url);
    for (const label of ['User name', 'Password'])
      expect(await page.getByLabel(label, { exact: true }).count()).toBe(1);
    await signIn(page, emulator);
    for (const name of ['Credentials', 'Audit log', 'New credential']) {
      expect(await page.getByRole('link', { name, exact: true }).count(), name).toBe(1);
    }
    expect(await page.getByRole('button', { name: 'Sign out', exact: true }).count()).toBe(1);
    await page.getByRole('link', { name: 'New credential' }).click();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    for (const label of ['Client ID', 'Client secret'])
      expect(await page.getByLabel(label, { exact: true }).count()).toBe(1);
    for (const name of ['Rotate', 'Deactivate']) {
      expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(1);
    }
    await page.getByRole('button', { name: 'Deactivate', exact: true }).click();
    expect(await page.getByRole('button', { name: 'Reactivate', exact: true }).count()).toBe(1);
    await page.getByRole('link', { name: 'Delete', exact: true }).click();
    expect(await page.getByRole('button', { name: 'Delete', exact: true }).count()).toBe(1);
  });
});
