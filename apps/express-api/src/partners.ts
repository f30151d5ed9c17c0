import { createHash, timingSafeEqual } from 'node:crypto';
import type { InstellixClient } from '@instellix/core';
import { type InstellixProxy, instellixProxy } from '@instellix/express-middleware/proxy';

/** Lends partners who know the key the list of customers as the API gives it, and nothing else. */
export function createPartnersProxy(client: InstellixClient, partnerKey: string): InstellixProxy {
  const expected = digest(partnerKey);
  return instellixProxy(client, {
    allow: [{ methods: ['GET', 'HEAD'], path: '/customers', query: [] }],
    authorize: (request) => timingSafeEqual(digest(request.get('x-partner-key') ?? ''), expected),
  });
}

/** Of one length for all texts, as the comparison wants it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
