import { toJsonSchema as convert } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';

/**
 * The JSON schema of what is accepted, without what JSON Schema cannot say.
 *
 * @see JSON Schema 2020-12
 */
export function toJsonSchema(schema: GenericSchema): object {
  return convert(schema, { target: 'draft-2020-12', typeMode: 'output', errorMode: 'ignore' });
}
