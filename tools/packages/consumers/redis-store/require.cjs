const assert = require('node:assert/strict');
const { redisTokenStore } = require('@instellix/redis-store');

assert.throws(() => redisTokenStore({}), { code: 'configuration_invalid' });
assert.equal(typeof redisTokenStore({ evalsha: async () => [], eval: async () => [] }).claim, 'function');
