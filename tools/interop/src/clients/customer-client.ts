import type { InstellixClient } from '@instellix/core';

/** What the tests do with each HTTP client: the two operations of the emulator, with the client's own ways. */
export interface CustomerClient {
  /** Returns the names of all customers. */
  list(signal?: AbortSignal): Promise<readonly string[]>;
  /** Creates a customer and returns its name. */
  create(name: string): Promise<string>;
}

/** Connects an HTTP client with a client of instellix, as `docs/clients.md` shows. */
export type Connect = (client: InstellixClient) => CustomerClient;

export interface Customer {
  readonly id: string;
  readonly name: string;
}

export interface Customers {
  readonly customers: readonly Customer[];
}

export const namesOf = ({ customers }: Customers): readonly string[] => customers.map(({ name }) => name);
