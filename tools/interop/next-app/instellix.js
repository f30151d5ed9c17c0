import { createInstellixClient } from '@instellix/core';

/** One client for the whole process, configured by the `INSTELLIX_` variables. */
export const client = createInstellixClient({
  // The emulator of the tests does not throttle. Leave this out in a real application.
  tokenRequest: { minIntervalMs: 0 },
});
