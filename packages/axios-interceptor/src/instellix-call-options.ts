/** The instellix options of one call: `config.instellix` of Axios. */
export interface InstellixCallOptions {
  /** The access right that the operation needs, for the error of a 403 when the API does not name it. @default none */
  readonly requiredScope?: string;
  /**
   * Creates the body each time that the call is sent, so that a stream can be sent again. It replaces `data`, and is not passed to
   * `transformRequest`.
   *
   * @default none
   */
  readonly body?: () => unknown;
}

declare module 'axios' {
  // Without type parameters, because their number differs between the versions of Axios.
  interface AxiosRequestConfig {
    /** The instellix options of this call. `false` sends it without the access token. @default none */
    instellix?: InstellixCallOptions | false;
  }
}
