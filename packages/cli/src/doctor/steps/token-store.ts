import { setTimeout } from 'node:timers/promises';
import { fileTokenStore } from '@instellix/file-store';
import { createStep, failed, passed } from '../doctor-step.ts';

/** No credential has this key. What is written under it is emptied after a day. */
const key = { gate: 'instellix-doctor', token: 'instellix-doctor' };

/** A network directory may hang. */
const timeoutMs = 3_000;

/** Whether tokens can be shared with other processes. */
export const tokenStore = createStep({
  id: 'token_store',
  title: 'token store',
  needs: [],
  async run({ storeDirectory, signal }) {
    const store = fileTokenStore({ directory: storeDirectory });
    const check = async (): Promise<void> => {
      const claim = await store.claim(key, { minIntervalMs: 0, leaseMs: 1_000, minRemainingMs: 0 });
      if (claim.outcome === 'granted') await store.release(key, claim.fence, false);
    };
    const limit = setTimeout(timeoutMs, undefined, { signal, ref: false }).then(() => {
      throw new Error(`the disk did not respond within ${timeoutMs} ms.`);
    });
    try {
      await Promise.race([check(), limit]);
    } catch (error) {
      return failed(
        `Tokens cannot be stored: ${(error as Error).message}`,
        'Until this works, each process requests its own token. Give a directory of this user with --store-directory, and to fileTokenStore in the application.',
      );
    }
    const where = storeDirectory ?? 'the default directory of this user';
    return passed(`Writable: ${where}. Processes that use the file store share their token.`);
  },
});
