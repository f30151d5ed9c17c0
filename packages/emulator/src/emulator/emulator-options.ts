import type { EmulatorSeed } from '../state/emulator-seed.ts';
import type { Profile } from '../state/profile.ts';

/** How an emulator is started. */
export interface EmulatorOptions {
  /**
   * The port; 0 takes a free one.
   *
   * @default 0
   */
  readonly port?: number;
  /**
   * The instant at which the clock is frozen: a Date, an ISO 8601 date or epoch ms. `clock.advance()` moves it.
   *
   * @default real time, which `clock.advance()` moves ahead
   */
  readonly clock?: Date | string | number;
  /**
   * The lifetime of a token in whole seconds (F6).
   *
   * @default 300
   */
  readonly tokenTtlSeconds?: number;
  /**
   * How long after a successful token answer the same client is refused another one, in ms (F8); 0: no throttle.
   *
   * @default 5_000; 0 with the profile rfc
   */
  readonly throttleWindowMs?: number;
  /**
   * A file that keeps credentials, tokens, throttle and customers over a restart, for one emulator at a time.
   *
   * @default ':memory:'
   */
  readonly database?: string;
  /**
   * Credentials, portal users and customers to begin with; an object or the path of a JSON file. It is applied to a new
   * database and by `reset()`; a database file from an earlier start keeps what it holds.
   */
  readonly seed?: EmulatorSeed | string;
  /**
   * Whose rules count at the token endpoint where the vendor and the RFCs differ.
   *
   * @default 'vendor'
   */
  readonly profile?: Profile;
  /**
   * The IP address to listen on. One that other machines can reach needs an `adminToken`.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * Names by which requests to administration and portal may call this machine, beside `localhost` and IP addresses: for
   * containers, whose names are their own. Every name is an opening to DNS rebinding if strangers control it.
   *
   * @default none
   */
  readonly hostNames?: readonly string[];
  /**
   * What the administration below `/_emulator` wants as a bearer token; 16 characters or more.
   *
   * @default none: on loopback, whoever reaches the port may steer
   */
  readonly adminToken?: string;
}
