import assert from 'node:assert/strict';
import { instellix, instellixErrorHandler, instellixHealth } from '@instellix/express-middleware';

// Neither Express nor undici is installed here.
for (const create of [instellix, instellixErrorHandler, instellixHealth]) assert.equal(typeof create, 'function');
await assert.rejects(import('@instellix/express-middleware/proxy'), /Cannot find package 'undici'/);
await assert.rejects(import('express'), /Cannot find package 'express'/);
