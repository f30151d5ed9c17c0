import { parseAst } from 'vitest/node';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** Two words in a row. */
const SENTENCE = /\p{L}{2}[:,;]? +[\p{L}\d]/u;
/** SQL, Lua, style sheets, headers and keys of digests. */
const CODE =
  /^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|BEGIN|PRAGMA|FROM|local) |[{;]\n|; Path=|realm="|, realm, |#key} |^--/;
const TAG = /<\/?[a-z!][^>]*>/;

/**
 * Collects the messages in a TypeScript source: all strings of two or more words, with `{…}` for inserted values.
 *
 * It does not look for the constructors of errors, so that it finds messages that are created in other ways as well.
 */
export function collectMessages(source: string): string[] {
  const messages: string[] = [];
  const visit = (node: Node): void => {
    const message = toMessage(node, source);
    if (message !== undefined && !CODE.test(message)) messages.push(...message.split(TAG));
    for (const child of childrenOf(node)) if (message === undefined || !isText(child)) visit(child);
  };
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node);
  return messages.filter((part) => SENTENCE.test(part)).map((part) => part.trim().replaceAll(/\s*\n\s*/g, ' ⏎ '));
}

/** The string of a literal, of a template, or of several of them that are joined with `+`. */
function toMessage(node: Node, source: string): string | undefined {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type === 'TemplateLiteral') {
    const quasis = node['quasis'] as readonly { readonly value: { readonly cooked: string } }[];
    const values = (node['expressions'] as readonly Node[]).map(({ start, end }) => nameOf(source.slice(start, end)));
    return quasis.map(({ value }, index) => `${value.cooked}${values[index] ?? ''}`).join('');
  }
  if (node.type !== 'BinaryExpression' || node['operator'] !== '+') return undefined;
  const [left, right] = [node['left'] as Node, node['right'] as Node].map((side) => toMessage(side, source));
  return left === undefined || right === undefined ? undefined : left + right;
}

function nameOf(expression: string): string {
  return /^[\w.#]+$/.test(expression) ? `{${expression}}` : '{…}';
}

function isText({ type }: Node): boolean {
  return type === 'Literal' || type === 'BinaryExpression' || type === 'TemplateLiteral' || type === 'TemplateElement';
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof (value as Node | null)?.type === 'string');
}
