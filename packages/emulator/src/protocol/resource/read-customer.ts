import { isObject } from '../../state/schemas.ts';

const LONGEST_NAME = 200;

/** Reads what was posted as a new customer; a sentence instead when it cannot be one. */
export function readNewCustomer(json: unknown): { readonly name: string; readonly [member: string]: unknown } | string {
  if (!isObject(json)) return 'a customer is a JSON object';
  const { name, ...members }: { name?: unknown } = json;
  if ('id' in members) return 'the id of a customer is given by the server';
  if (typeof name !== 'string' || name.trim() === '' || name.length > LONGEST_NAME) {
    return `the name of a customer is text of 1 to ${LONGEST_NAME} characters`;
  }
  return { name, ...members };
}
