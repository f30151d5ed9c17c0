import { createInstellixClient } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import { useEmulators } from '../../wire/emulators.ts';
import { callToken } from '../../wire/token-call.ts';
import { executablePath, signIn, useBrowser } from './browser.ts';

const start = useEmulators();

describe.skipIf(executablePath === undefined)('in a real browser', () => {
  const open = useBrowser();

  test.each([true, false])(
    'creates, rotates, deactivates, reactivates and deletes a credential while a client uses it (scripts: %s)',
    async (javaScriptEnabled) => {
      const emulator = await start({ throttleWindowMs: 0 });
      const page = await open(emulator, { javaScriptEnabled });
      await signIn(page, emulator);
      await page.getByRole('link', { name: 'New credential' }).click();
      await page.getByLabel('Name').fill('Billing');
      await page.getByLabel('writer').check();
      await page.getByRole('button', { name: 'Create' }).click();
      const clientId = await page.getByLabel('Client ID').inputValue();
      let clientSecret = await page.getByLabel('Client secret').inputValue();

      await using client = createInstellixClient({
        environment: { apiUrl: emulator.url },
        realm: emulator.realm,
        clientId,
        clientSecret: () => clientSecret,
        tokenRequest: { minIntervalMs: 0 },
      });
      const read = async (): Promise<number> => (await client.fetch('/customers')).status;
      expect(await read()).toBe(200);

      await page.getByRole('link', { name: 'Credentials' }).click();
      await page.getByRole('link', { name: clientId }).click();
      await page.getByLabel('The secret before still works').selectOption('one minute');
      await page.getByRole('button', { name: 'Rotate' }).click();
      await emulator.tokens.revokeAll();
      expect(await read(), 'with the secret before').toBe(200);
      clientSecret = await page.getByLabel('Client secret').inputValue();
      await emulator.clock.advance(60_000);
      await emulator.tokens.revokeAll();
      expect(await read(), 'with the new secret').toBe(200);

      await page.getByRole('button', { name: 'Deactivate' }).click();
      expect(await page.getByLabel('Client secret').count(), 'the secret is shown once').toBe(0);
      expect((await callToken(emulator, { clientId, clientSecret })).status).toBe(401);
      await page.getByRole('button', { name: 'Reactivate' }).click();
      expect((await callToken(emulator, { clientId, clientSecret })).status).toBe(200);
      await page.getByRole('link', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('The credential was deleted').waitFor();
      expect((await callToken(emulator, { clientId, clientSecret })).status).toBe(401);

      await page.getByRole('link', { name: 'Audit log' }).click();
      for (const act of ['create credential', 'rotate secret', 'deactivate credential', 'delete credential']) {
        await page.getByRole('cell', { name: act, exact: true }).waitFor();
      }
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out.').waitFor();
      await page.goBack();
      await page.reload();
      await page.getByLabel('Password').waitFor();
    },
  );

  test('works with the keyboard only', async () => {
    const emulator = await start();
    const page = await open(emulator);
    await page.goto(emulator.portal.url);
    const focusBy = async (key: string, name: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press(key);
        const focused = await page.evaluate(
          `(document.activeElement.labels?.[0] ?? document.activeElement)?.textContent?.trim() ?? ''`,
        );
        if (focused === name) return;
      }
      throw new Error(`${name} was not reached`);
    };
    await focusBy('Tab', 'User name');
    await page.keyboard.type(emulator.portal.username);
    await focusBy('Tab', 'Password');
    await page.keyboard.type(emulator.portal.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Credentials' }).waitFor();
    await focusBy('Tab', 'Skip to the content');
    await focusBy('Tab', 'New credential');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New credential' }).waitFor();
    await focusBy('Tab', 'Create');
    await page.keyboard.press('Enter');
    await page.getByLabel('Client secret').waitFor();
    expect(await emulator.credentials.list()).toHaveLength(2);
  });

  test('the console follows requests live without scripts', async () => {
    const emulator = await start();
    const page = await open(emulator, { javaScriptEnabled: false });
    await signIn(page, emulator);
    await page.getByRole('link', { name: 'Emulator console' }).click();
    await page.getByRole('link', { name: 'Follow live' }).click();
    await callToken(emulator);
    await page.getByRole('cell', { name: 'issued' }).waitFor({ timeout: 30_000 });
    await page.getByRole('link', { name: 'Stop following' }).click();
    await page.getByLabel('Amount').fill('5');
    await page.getByRole('button', { name: 'Advance' }).click();
    await page.getByText('The clock was advanced by 300000 ms.').waitFor();
    await page.getByRole('button', { name: 'Add fault' }).click();
    expect((await callToken(emulator)).status).toBe(503);
    await page.getByRole('button', { name: 'Remove fault-1' }).click();
    expect(await emulator.faults.list()).toEqual([]);
  });
});
