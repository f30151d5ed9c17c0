/** Ways to get a store wrong, and the promises of the contract that each breaks; more may break along with them. */
export const storeFlaws = {
  'throws at what it does not know': ['where nothing is, nothing is found, and what is said of it harms nothing'],
  'forgets every token': ['a token that one process has written is there for the others, as it was written'],
  'keeps its data to itself': [
    'a token that one process has written is there for the others, as it was written',
    'of a hundred claims at once, one is granted; the others hear that somebody asks',
  ],
  'keeps ended tokens': ['a token that has ended is not there, neither to read nor for a claim'],
  'repeats the lifetime that was written': ['a remaining lifetime shrinks as time passes'],
  'trusts the wall clock': ['a wall clock that is stepped makes no token, lease or gate longer or shorter'],
  'mixes up the tokens of a gate': ['another scope or secret shares the gate, never the token'],
  'mixes up gates': ['another credential has a gate of its own'],
  'folds the case of keys': ['no two keys are taken for one, however alike or odd they are'],
  'joins keys with a colon': ['a pair of keys is a place of its own, wherever gate ends and token begins'],
  'trims what is sealed': [
    'whatever is sealed comes back as it was: empty, long, with line ends, NUL and every script',
  ],
  'loses a token that lives 0 ms together with its claim': [
    'any lifetime is kept: tiny, fractional, longer than anyone lives',
    'after a commit, the gate is closed for the interval of the one who asks',
  ],
  'removes whatever is there': ['a token is removed only under its own fence, for everyone'],
  'opens the gate when a token is removed': ['removing a token opens no gate and ends no claim'],
  'claims without reading again': ['a claim finds the token that somebody has written meanwhile'],
  'answers with the token to be replaced': ['a claim is never answered with the token that is to be replaced'],
  'answers with a token about to end': ['a claim is never answered with a token that is about to end'],
  'claims what it has found': ['finding a token claims nothing'],
  'looks, waits, then claims': [
    'of a hundred claims at once, one is granted; the others hear that somebody asks',
    'in every round of many claims at once, one is granted, with or without an interval',
  ],
  'grants every claim': [
    'of a hundred claims at once, one is granted; the others hear that somebody asks',
    'after a commit, the next claim is granted when it was told, not sooner',
    'nobody is granted a claim before the holder’s lease has ended',
  ],
  'grants while a claim is open': ['an open claim is held for everyone, its own holder included, until its lease ends'],
  'says closed for held': ['an open claim is held for everyone, its own holder included, until its lease ends'],
  'says held for closed': ['after a commit, the gate is closed for the interval of the one who asks'],
  'never ends a lease': ['a holder that dies loses the claim by time'],
  'lets anyone end a claim': ['only its holder ends a claim'],
  'keeps a gate for each token': ['another scope or secret shares the gate, never the token'],
  'keeps the interval of the last grant': ['after a commit, the gate is closed for the interval of the one who asks'],
  'counts the interval from the grant': ['after a commit, the gate is closed for the interval of the one who asks'],
  'leaves the gate open after a commit': ['after a commit, the next claim is granted when it was told, not sooner'],
  'leaves the gate open after a failed request': [
    'after a failed request, the next claim is granted when it was told, not sooner',
  ],
  'leaves the gate open after a lease': ['after a holder has died, the gate is closed from the end of its lease'],
  'closes the gate on a request never sent': ['a request that provably never left leaves a new gate open'],
  'opens the gate on a request never sent': [
    'a request that provably never left leaves the gate as it was after a commit',
    'a request that provably never left leaves the gate as it was after a holder’s death',
  ],
  'believes a late denial': ['whoever says too late that nothing was sent opens no gate'],
  'ignores late reports': ['a late report that a request was sent closes the gate from then on'],
  'lets late reports move the gate': ['a late report changes no gate once a newer claim was granted'],
  'says a shorter wait': ['after a failed request, the next claim is granted when it was told, not sooner'],
  'starts fences at one': ['after the store has lost its data, fences go on growing'],
  'takes fences from the clock alone': ['fences only grow, whatever becomes of claims, tokens and the wall clock'],
  'forgets fences it was told of': ['after the store has lost its data, fences grow beyond all that it is told of'],
  'takes every commit': ['a late writer does not overwrite a newer token'],
  'refuses late commits': [
    'a late token is kept while nobody has written a newer one',
    'after the store has lost its data, what a holder brings is kept, and closes the gate',
  ],
  'compares fences with the stored token only': [
    'a late writer brings nothing back once the newer token has ended or was removed',
  ],
  'compares fences for each token': ['a late writer is refused for the whole gate, and its refusal changes nothing'],
  'refuses a repeated commit': ['a commit that is repeated is accepted again, since its answer may have been lost'],
  'lets a refused commit close the gate': [
    'a late writer is refused for the whole gate, and its refusal changes nothing',
  ],
} as const satisfies Record<string, readonly string[]>;

export type StoreFlaw = keyof typeof storeFlaws;

/** What random schedules are not made to find: they use no odd keys and values, and rarely fences of another life. */
export const flawsBeyondSchedules: ReadonlySet<StoreFlaw> = new Set([
  'folds the case of keys',
  'joins keys with a colon',
  'trims what is sealed',
  'forgets fences it was told of',
]);
