import { instellix } from '@instellix/express-middleware';

import express = require('express');

const app = express();
app.use(instellix());
app.get('/orders', ({ instellix }, response, next) => {
  instellix.fetch('/orders').then(({ status }) => response.json(status), next);
});
