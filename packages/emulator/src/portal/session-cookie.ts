/**
 * The cookie that carries a session. It has no `Secure`: the emulator speaks plain http, on loopback.
 *
 * Browsers send cookies of one host to all of its ports, so that the port is in the name: emulators side by side would
 * sign each other's users out.
 */
export class SessionCookie {
  readonly #name: string;

  constructor(host: string) {
    this.#name = `instellix_portal_${host.match(/:(\d+)$/)?.[1] ?? '80'}`;
  }

  /** The session id in a Cookie header; `undefined` when there is not exactly one. */
  read(header: string | null): string | undefined {
    const prefix = `${this.#name}=`;
    const values = (header ?? '').split(/; */).filter((part) => part.startsWith(prefix));
    const [value] = values;
    return values.length === 1 ? value?.slice(prefix.length) : undefined;
  }

  /** The Set-Cookie header that hands a session out. */
  hand(id: string): string {
    return `${this.#name}=${id}; Path=/portal; HttpOnly; SameSite=Strict`;
  }

  /** The Set-Cookie header that takes it back. */
  take(): string {
    return `${this.#name}=; Path=/portal; HttpOnly; SameSite=Strict; Max-Age=0`;
  }
}
