import type { InstellixClient, TokenEvent } from '@instellix/core';
import type { Logger } from '@nestjs/common';

/** What somebody should look at; the rest is of interest only while debugging. */
const warnings: ReadonlySet<TokenEvent['type']> = new Set([
  'token_request_failed',
  'token_rejected',
  'lifetime_assumed',
  'store_failed',
]);

/** Has a logger hear what happens to a client's token; returns how to end that. */
export function logTokenEvents(logger: Logger, client: InstellixClient, label: string): () => void {
  const unsubscribe: (() => void) | undefined = client.subscribe((event) => {
    const { type, at: _, environment, realm, ...details } = event;
    const facts = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    const line = [`${label}: ${type}`, ...facts, `environment=${environment}`, `realm=${realm}`].join(' ');
    if (warnings.has(type)) logger.warn(line);
    else logger.debug(line);
  });
  // A client that a test has mocked returns nothing.
  return () => unsubscribe?.();
}
