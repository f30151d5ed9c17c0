const assert = require('node:assert/strict');
const { fileTokenStore } = require('@instellix/file-store');

assert.throws(() => fileTokenStore({ directory: 'relative' }), { code: 'configuration_invalid' });
assert.equal(typeof fileTokenStore().claim, 'function');
