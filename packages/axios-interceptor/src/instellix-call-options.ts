/** What a single call may say; `config.instellix` of Axios. */
export interface InstellixCallOptions {
  /** The access right that the operation needs, for the error of a 403 when the API does not name it. */
  readonly requiredScope?: string;
  /**
   * Makes the body, anew for each time it is sent; the way to let a stream be replayed. Takes the place of `data`, and is
   * sent as it is: no `transformRequest` sees it.
   */
  readonly body?: () => unknown;
}

declare module 'axios' {
  // Without type parameters: how many there are differs between the versions of Axios, and TypeScript lets them be left out.
  interface AxiosRequestConfig {
    /** What instellix should know of this call; `false` sends it as if the interceptor were not there. */
    instellix?: InstellixCallOptions | false;
  }
}
