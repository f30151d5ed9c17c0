import { ProxyRejection } from './proxy-problem.ts';
import { isPlainPath, type RequestTarget } from './request-target.ts';

/** Requests that may be forwarded. A request that no rule names is refused. */
export interface AllowRule {
  /** Upper case; `GET` does not include `HEAD`. */
  readonly methods: readonly string[];
  /**
   * A path of the API below its base: `/items` exactly, or `/items/**` for it and all below it.
   *
   * Letter case and a trailing slash count. Of the rules that have a request's path and method, the nearest decides.
   */
  readonly path: string;
  /** The query parameters that a request may have, each at most once unless `repeated`. @default any, any number of times */
  readonly query?: readonly (string | { readonly name: string; readonly repeated: true })[] | undefined;
}

interface CompiledRule {
  /** As it was given. */
  readonly path: string;
  readonly methods: ReadonlySet<string>;
  /** Each name, and whether it may be repeated. */
  readonly query: ReadonlyMap<string, boolean> | undefined;
}

const wildcard = '/**';

/** The rules in a form in which the rule of a request is found. */
export class AllowList {
  readonly #exact = new Map<string, CompiledRule[]>();
  readonly #trees: (readonly [prefix: string, rule: CompiledRule])[] = [];

  constructor(rules: readonly AllowRule[]) {
    const nearestFirst = [...rules].sort((left, right) => nearness(right.path) - nearness(left.path));
    for (const { path, methods, query } of nearestFirst) {
      const rule = { path, methods: new Set(methods), query: query && compileQuery(query) };
      const isTree = path.endsWith(wildcard);
      const top = decodeURIComponent(isTree ? path.slice(0, -wildcard.length) : path);
      this.#exact.set(top || '/', [...(this.#exact.get(top || '/') ?? []), rule]);
      if (isTree) this.#trees.push([`${top}/`, rule]);
    }
  }

  /**
   * Returns the path of the rule that allows the request. A tree never widens what a nearer rule says about a path in it.
   *
   * @throws ProxyRejection when none does
   */
  judge(method: string, { path, query }: RequestTarget): string {
    const rules = this.#rulesFor(path);
    if (rules.length === 0) throw new ProxyRejection('not_found');
    const ofMethod = rules.filter(({ methods }) => methods.has(method));
    if (ofMethod.length === 0) {
      const methods = new Set(rules.flatMap((rule) => [...rule.methods]));
      const headers = { Allow: [...methods].sort().join(', ') };
      throw new ProxyRejection('method_not_allowed', { headers });
    }
    const nearest = ofMethod.filter((rule) => rule.path === ofMethod[0]?.path);
    const rule = nearest.find((candidate) => allowsQuery(candidate, query));
    if (!rule) throw new ProxyRejection('query_not_allowed');
    return rule.path;
  }

  /** The nearest first. */
  #rulesFor(raw: string): readonly CompiledRule[] {
    // Decoded, so that `:` and `%3A` are one path. Neither slashes nor percent-encodings can be encoded in a plain path.
    const path = decodeURIComponent(raw);
    const exact = this.#exact.get(path) ?? [];
    const trees = this.#trees.filter(([prefix]) => path.startsWith(prefix) && path !== prefix.slice(0, -1));
    return trees.length === 0 ? exact : [...exact, ...trees.map(([, rule]) => rule)];
  }
}

/** Returns whether the path of a rule can match what it seems to match. */
export function isRulePath(path: string): boolean {
  const isTree = path.endsWith(wildcard);
  const top = isTree ? path.slice(0, -wildcard.length) : path;
  return path === wildcard || (isPlainPath(top) && !top.includes('*') && !(isTree && top.endsWith('/')));
}

/** An exact path is nearer than every tree, and a long tree is nearer than a short one. */
function nearness(path: string): number {
  return path.endsWith(wildcard) ? path.length : Number.MAX_SAFE_INTEGER;
}

function compileQuery(query: NonNullable<AllowRule['query']>): ReadonlyMap<string, boolean> {
  return new Map(query.map((entry) => (typeof entry === 'string' ? [entry, false] : [entry.name, true])));
}

function allowsQuery({ query: allowed }: CompiledRule, query: string): boolean {
  if (allowed === undefined || query === '') return true;
  // Some servers separate parameters at semicolons, too.
  if (query.includes(';')) return false;
  const seen = new Set<string>();
  for (const pair of query.slice(1).split('&')) {
    if (pair === '') continue;
    const name = decodeName(pair);
    const isRepeatable = name === undefined ? undefined : allowed.get(name);
    if (name === undefined || isRepeatable === undefined || (seen.has(name) && !isRepeatable)) return false;
    seen.add(name);
  }
  return true;
}

function decodeName(pair: string): string | undefined {
  const [name = ''] = pair.split('=', 1);
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
