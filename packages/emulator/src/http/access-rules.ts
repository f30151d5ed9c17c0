/** Who may steer an emulator, over HTTP and in the portal. */
export interface AccessRules {
  /** Names by which requests may call this machine, beside loopback and IP addresses; in lower case. */
  readonly hostNames: readonly string[];
  /** What the administration wants as a bearer token; `undefined`: nothing. */
  readonly adminToken?: string | undefined;
}
