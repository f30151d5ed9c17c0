/** Ways to get a store wrong, and rules of the contract that each breaks. Each may break more. */
export const storeFlaws = {
  'throws for unknown tokens': ['an empty store returns no token and accepts reports about unknown fences'],
  'forgets every token': ['a token is visible to other processes exactly as it was committed'],
  'shares no data': [
    'a token is visible to other processes exactly as it was committed',
    'of a hundred concurrent claims one is granted, and the others wait for it',
  ],
  'keeps expired tokens': ['an expired token is neither read nor found by a claim'],
  'repeats the lifetime that was written': ['the remaining lifetime decreases as time passes'],
  'reads the wall clock only': ['a step back of the wall clock does not change tokens, leases or gates'],
  'reads the monotonic clock only': [
    'a suspend shortens the life of a token',
    'a suspend shortens a lease',
    'a suspend shortens the time until the gate opens',
    'a step forward of the wall clock shortens the life of a token',
    'a step forward of the wall clock shortens a lease',
    'a step forward of the wall clock shortens the time until the gate opens',
  ],
  'uses the clock that has advanced less': [
    'a suspend shortens the life of a token',
    'a step back of the wall clock does not change tokens, leases or gates',
  ],
  'confuses the tokens of a gate': ['another scope or secret shares the gate, but not the token'],
  'confuses gates': ['another credential has its own gate'],
  'ignores the case of keys': ['similar and unusual keys are not confused'],
  'joins keys with a colon': ['keys are not confused when gate and token, joined together, are the same string'],
  'trims ciphertexts': ['a ciphertext is stored unchanged: empty, long, with line ends, NUL and any script'],
  'ignores the commit of a token that lives 0 ms': [
    'every lifetime up to a day is kept, including zero and fractions of a millisecond',
    'after a commit, the gate is closed for the interval of the next claimant',
  ],
  'removes any token': ['a token is removed only with its own fence, for all processes'],
  'opens the gate when a token is removed': ['removing a token neither opens the gate nor ends a claim'],
  'claims without reading again': ['a claim finds a token that another process has committed'],
  'returns the token to be replaced': ['a claim never returns the token that the claimant wants to replace'],
  'returns a token older than the known one': ['a claim never returns a token that is older than the known one'],
  'returns a token about to expire': ['a claim never returns a token that is about to expire'],
  'claims although it has found a token': ['finding a token claims nothing'],
  'reads, waits, then claims': [
    'of a hundred concurrent claims one is granted, and the others wait for it',
    'in each round of concurrent claims one is granted, with and without an interval',
  ],
  'grants every claim': [
    'of a hundred concurrent claims one is granted, and the others wait for it',
    'after a commit, the next claim is granted when the returned wait ends, and not earlier',
    'no claim is granted before the lease of the holder ends',
  ],
  'grants while a claim is open': [
    'an open claim is held for everyone, including its own holder, until its lease ends',
  ],
  'returns closed for held': ['an open claim is held for everyone, including its own holder, until its lease ends'],
  'returns held for closed': ['after a commit, the gate is closed for the interval of the next claimant'],
  'never ends a lease': ['a holder that dies loses the claim when its lease ends'],
  'lets anyone end a claim': ['only its holder can end a claim'],
  'keeps a gate for each token': ['another scope or secret shares the gate, but not the token'],
  'keeps the interval of the last grant': ['after a commit, the gate is closed for the interval of the next claimant'],
  'counts the interval from the grant': ['after a commit, the gate is closed for the interval of the next claimant'],
  'leaves the gate open after a commit': [
    'after a commit, the next claim is granted when the returned wait ends, and not earlier',
  ],
  'leaves the gate open after a failed request': [
    'after a failed request, the next claim is granted when the returned wait ends, and not earlier',
  ],
  'leaves the gate open after a lease': ['after a holder has died, the gate is closed from the end of its lease'],
  'closes the gate when nothing was sent': ['a request that was never sent leaves an unused gate open'],
  'opens the gate when nothing was sent': [
    'a request that was never sent leaves the gate as it was after a commit',
    'a request that was never sent leaves the gate as it was after the death of a holder',
  ],
  'accepts a late report that nothing was sent': ['a late report that nothing was sent does not open the gate'],
  'ignores late reports': ['a late report that a request was sent closes the gate from then on'],
  'lets late reports change the gate': ['a late report does not change the gate once a newer claim has been granted'],
  'returns a shorter wait': [
    'after a failed request, the next claim is granted when the returned wait ends, and not earlier',
  ],
  'starts fences at one': ['after a loss of data, fences continue to increase'],
  'takes fences from the clock only': [
    'fences only increase, whatever happens to claims and tokens',
    'fences increase although the wall clock is stepped in both directions',
  ],
  'takes fences below the known one': ['a grant has a higher fence than the known token, in this and all later grants'],
  'forgets the fences of commits': ['after a loss of data, fences increase beyond every fence that is committed'],
  'accepts every commit': ['a late commit does not overwrite a newer token'],
  'refuses late commits': [
    'a late token is kept if no newer one has been committed',
    'after a loss of data, reports about earlier claims are accepted and close the gate',
  ],
  'compares fences with the stored token only': [
    'a late commit stores nothing after the newer token has expired or was removed',
  ],
  'compares fences for each token': ['a late commit is refused for all tokens of the gate, and changes nothing'],
  'refuses a repeated commit': ['a repeated commit is accepted, because the response to the first may have been lost'],
  'lets a refused commit close the gate': ['a late commit is refused for all tokens of the gate, and changes nothing'],
} as const satisfies Record<string, readonly string[]>;

export type StoreFlaw = keyof typeof storeFlaws;

/** Flaws that random schedules rarely show: they use no unusual keys and values, and rarely fences from before a loss of data. */
export const flawsBeyondSchedules: ReadonlySet<StoreFlaw> = new Set([
  'ignores the case of keys',
  'joins keys with a colon',
  'trims ciphertexts',
  'forgets the fences of commits',
]);
