/** As much of JSON Schema 2020-12 as the administration needs to describe itself. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Text. */
export const text: JsonSchema = { type: 'string' };
/** A whole number of 0 or more. */
export const count: JsonSchema = { type: 'integer', minimum: 0 };
/** An instant of the emulator's clock. */
export const instant: JsonSchema = { type: 'integer', minimum: 0, description: 'epoch milliseconds' };
/** What is answered when there is nothing to tell. */
export const nothing: JsonSchema = object({});

/** An object with these members and no others. */
export function object(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, additionalProperties: false, ...(required.length > 0 && { required }) };
}

/** A list of these. */
export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** One of these texts. */
export function choice(...values: readonly string[]): JsonSchema {
  return { type: 'string', enum: values };
}
