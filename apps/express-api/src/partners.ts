import { createHash, timingSafeEqual } from 'node:crypto';
import type { InstellixClient } from '@instellix/core';
import { type InstellixProxy, instellixProxy } from '@instellix/express-middleware/proxy';

/** Forwards the list of customers, and nothing else, to partners who send the key. */
export function createPartnersProxy(client: InstellixClient, partnerKey: string): InstellixProxy {
  const expected = digest(partnerKey);
  return instellixProxy(client, {
    allow: [{ methods: ['GET', 'HEAD'], path: '/customers', query: [] }],
    authorize: (request) => timingSafeEqual(digest(request.get('x-partner-key') ?? ''), expected),
  });
}

/** `timingSafeEqual` requires equal lengths. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
