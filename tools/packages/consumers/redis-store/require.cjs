const assert = require('node:assert/strict');
const { redisTokenStore } = require('@instellix/redis-store');

assert.throws(() => redisTokenStore({}), { code: 'configuration_invalid' });
const none = async () => [];
const connection = { on() {}, defineCommand() {}, evalsha: none, eval: none };
assert.equal(typeof redisTokenStore(connection).claim, 'function');
