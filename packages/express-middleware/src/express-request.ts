import type { InstellixClient } from '@instellix/core';

declare global {
  namespace Express {
    interface Request {
      /**
       * The client of this request; set by `instellix()`.
       *
       * Its calls end when the caller disconnects before the response has been sent. For work that outlives the request, use the client
       * that was given to the middleware.
       */
      instellix: InstellixClient;
    }
  }
}
