// The package has no types. These are the types of the measured part.
declare module 'axios-token-interceptor' {
  interface TokenProvider {
    <T>(options: { getToken: () => Promise<T>; headerFormatter: (token: T) => string }): <C>(config: C) => Promise<C>;
    tokenCache<T>(getToken: () => Promise<T>, options: { getMaxAge: (token: T) => number }): () => Promise<T>;
  }
  const tokenProvider: TokenProvider;
  export = tokenProvider;
}
