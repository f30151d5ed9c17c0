import type { InstellixClient } from '@instellix/core';

declare global {
  namespace Express {
    interface Request {
      /**
       * The client of this request; set by `instellix()`.
       *
       * What it waits for ends when the caller goes away before it has its answer. Work that is to outlive the request belongs to
       * the client that the middleware was given.
       */
      instellix: InstellixClient;
    }
  }
}
