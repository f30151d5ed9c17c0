import { ProxyRejection } from './proxy-rejection.ts';
import { isPlainPath, type RequestTarget } from './request-target.ts';

/** Requests that may be forwarded; whatever no rule names is refused. */
export interface AllowRule {
  /** Upper case; `GET` does not stand for `HEAD`. */
  readonly methods: readonly string[];
  /**
   * A path of the API below its base, as it is written in requests: `/items` exactly, or `/items/**` for it and all below it.
   * Case, trailing slash and percent-encoding count. Of the rules that have a request's path and method, the nearest decides.
   */
  readonly path: string;
  /** The query parameters that may be there, each once at most. @default any, any number of times */
  readonly query?: readonly string[] | undefined;
}

interface CompiledRule {
  readonly path: string;
  readonly methods: ReadonlySet<string>;
  readonly query: ReadonlySet<string> | undefined;
}

const wildcard = '/**';

/** The rules in a form in which a request finds its own. */
export class AllowList {
  readonly #exact = new Map<string, CompiledRule[]>();
  readonly #below: (readonly [prefix: string, rule: CompiledRule])[] = [];

  constructor(rules: readonly AllowRule[]) {
    const nearestFirst = [...rules].sort((left, right) => nearness(right.path) - nearness(left.path));
    for (const { path, methods, query } of nearestFirst) {
      const rule = { path, methods: new Set(methods), query: query && new Set(query) };
      const isTree = path.endsWith(wildcard);
      const top = isTree ? path.slice(0, -wildcard.length) : path;
      this.#exact.set(top || '/', [...(this.#exact.get(top || '/') ?? []), rule]);
      if (isTree) this.#below.push([`${top}/`, rule]);
    }
  }

  /** Returns the path of the rule that lets the request through. A tree does not widen what is said of a path in it. */
  judge(method: string, { path, query }: RequestTarget): string | ProxyRejection {
    const rules = this.#rulesFor(path);
    if (rules.length === 0) return new ProxyRejection('not_found');
    const ofMethod = rules.filter(({ methods }) => methods.has(method));
    if (ofMethod.length === 0) {
      const methods = new Set(rules.flatMap((rule) => [...rule.methods]));
      return new ProxyRejection('method_not_allowed', { Allow: [...methods].sort().join(', ') });
    }
    const nearest = ofMethod.filter((rule) => rule.path === ofMethod[0]?.path);
    const rule = nearest.find((candidate) => allowsQuery(candidate, query));
    return rule ? rule.path : new ProxyRejection('query_not_allowed');
  }

  /** The nearest first. */
  #rulesFor(path: string): readonly CompiledRule[] {
    const exact = this.#exact.get(path) ?? [];
    const below = this.#below.filter(([prefix]) => path.startsWith(prefix) && path !== prefix.slice(0, -1));
    return below.length === 0 ? exact : [...exact, ...below.map(([, rule]) => rule)];
  }
}

/** How closely a rule's path says what it means. */
function nearness(path: string): number {
  return path.endsWith(wildcard) ? path.length : Number.MAX_SAFE_INTEGER;
}

/** An encoded letter would be forwarded as it is, and so would never match what callers write. */
const needlesslyEncoded = /%(?:2d|2e|3\d|4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\dae])/i;

/** Tells whether the path of a rule means what it says. */
export function isRulePath(path: string): boolean {
  const isTree = path.endsWith(wildcard);
  const top = isTree ? path.slice(0, -wildcard.length) : path;
  const isPlain = isPlainPath(top) && !top.includes('*') && !needlesslyEncoded.test(top);
  return path === wildcard || (isPlain && !(isTree && top.endsWith('/')));
}

function allowsQuery({ query: allowed }: CompiledRule, query: string): boolean {
  if (allowed === undefined || query === '') return true;
  // Some servers take it for the ampersand, and would see parameters behind it.
  if (query.includes(';')) return false;
  const seen = new Set<string>();
  for (const pair of query.slice(1).split('&')) {
    if (pair === '') continue;
    const name = decodeName(pair);
    if (name === undefined || !allowed.has(name) || seen.has(name)) return false;
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
