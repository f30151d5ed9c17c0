const { createServer } = require('node:http');

/** A token endpoint and an API in a few lines, for Nodes that are too old for the emulator. */
exports.startTokenServer = () =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      const document = request.url.endsWith('/oauth2/token')
        ? { access_token: 'packed', token_type: 'bearer', expires_in: 300 }
        : { authorization: request.headers.authorization };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
    });
    server.listen(0, '127.0.0.1', () => resolve({ server, url: `http://127.0.0.1:${server.address().port}` }));
  });
