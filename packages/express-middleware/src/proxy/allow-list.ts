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

type CompiledRule = Readonly<ReturnType<typeof compileRule>>;

const wildcard = '/**';

/** The rules in a form in which the rule of a request is found. */
export class AllowList {
  /** The nearest first: an exact path before every tree, and a long tree before a short one. */
  readonly #rules: readonly CompiledRule[];

  constructor(rules: readonly AllowRule[]) {
    this.#rules = rules
      .map(compileRule)
      .sort((left, right) => Number(left.isTree) - Number(right.isTree) || right.top.length - left.top.length);
  }

  /**
   * Returns the path of the rule that allows the request. A tree never widens what a nearer rule says about a path in it.
   *
   * @throws ProxyRejection when none does
   */
  judge(method: string, { path: raw, query }: RequestTarget): string {
    // Neither slashes nor percent-encodings can be encoded in a plain path.
    const path = decodeURIComponent(raw);
    const ofPath = this.#rules.filter((rule) => matchesPath(rule, path));
    const ofMethod = ofPath.filter(({ methods }) => methods.has(method));
    const [nearest] = ofMethod;
    if (!nearest) {
      const methods = new Set(ofPath.flatMap((rule) => [...rule.methods]));
      if (methods.size === 0) throw new ProxyRejection('not_found');
      throw new ProxyRejection('method_not_allowed', { headers: { Allow: [...methods].sort().join(', ') } });
    }
    // Several rules may be for the same paths.
    const isNearest = ({ top, isTree }: CompiledRule) => top === nearest.top && isTree === nearest.isTree;
    const rule = ofMethod.find((candidate) => isNearest(candidate) && allowsQuery(candidate, query));
    if (!rule) throw new ProxyRejection('query_not_allowed');
    return rule.path;
  }
}

/** Returns whether the path of a rule can match what it seems to match. */
export function isRulePath(path: string): boolean {
  const isTree = path.endsWith(wildcard);
  const top = isTree ? path.slice(0, -wildcard.length) : path;
  return path === wildcard || (isPlainPath(top) && !top.includes('*') && !(isTree && top.endsWith('/')));
}

function compileRule({ path, methods, query }: AllowRule) {
  const isTree = path.endsWith(wildcard);
  // Decoded, so that `:` and `%3A` are one path; without the wildcard. `path` stays as it was given.
  const top = decodeURIComponent(isTree ? path.slice(0, -wildcard.length) : path);
  return { path, top, isTree, methods: new Set(methods), query: query && compileQuery(query) };
}

function matchesPath({ top, isTree }: CompiledRule, path: string): boolean {
  return path === (top || '/') || (isTree && path.startsWith(`${top}/`));
}

/** Returns each name, and whether it may be repeated. */
function compileQuery(query: NonNullable<AllowRule['query']>): ReadonlyMap<string, boolean> {
  return new Map(query.map((entry) => (typeof entry === 'string' ? [entry, false] : [entry.name, true])));
}

function allowsQuery({ query: allowed }: CompiledRule, query: string): boolean {
  if (allowed === undefined || query === '') return true;
  // Some servers separate parameters at semicolons, too.
  if (query.includes(';')) return false;
  const seen = new Set<string>();
  // As servers of forms read them. Invalid UTF-8 becomes a character that no name of a rule has.
  for (const name of new URLSearchParams(query).keys()) {
    const isRepeatable = allowed.get(name);
    if (isRepeatable === undefined || (seen.has(name) && !isRepeatable)) return false;
    seen.add(name);
  }
  return true;
}
