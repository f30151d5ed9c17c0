/**
 * An entry of `/customers`. Invented: the vendor's public page names no resource but `/some-resource`.
 *
 * Further members are kept as they were sent.
 */
export interface Customer {
  /** Given by the emulator when a customer is posted. */
  readonly id: string;
  /** 1 to 200 characters. */
  readonly name: string;
  readonly [member: string]: unknown;
}
