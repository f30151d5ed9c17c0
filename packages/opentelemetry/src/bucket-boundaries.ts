/** Those of `http.client.request.duration`: a token request is an HTTP request of at most 10 s by default. */
export const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** From the shortest wait that is reported to the default of `maxWaitMs`. One for the throttle lasts up to 5.5 s, the default of `minIntervalMs`. */
export const waitSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 5.5, 6, 10, 15, 20, 30];
