import { invalid } from './invalid.ts';

/** Reads every element of the list `value` with `readElement`, which is told the element's place, such as `roles[1]`. */
export function readList<Element>(
  value: unknown,
  where: string,
  readElement: (element: unknown, where: string) => Element,
): Element[] {
  if (!Array.isArray(value)) throw invalid(where, 'must be an array');
  return Array.from(value, (element: unknown, index) => readElement(element, `${where}[${index}]`));
}
