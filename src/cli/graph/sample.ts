// A value that fits a schema, for a worker that is to be drawn and not to be run: its states do not depend on addresses and
// names. What the schema does not let through is not handed to anybody.
import { z } from 'zod';

interface JsonSchema {
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
}

/** Tried one after the other where text is refused. */
const texts = ['example', 'https://localhost', 'Example', '1', '/example', 'me@example.org', 'localhost:1'];

/** undefined: none is found. */
export function sampleOf(schema: z.ZodType): unknown {
  let shape: JsonSchema;
  try {
    shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
  } catch {
    return undefined;
  }
  const box = { value: sampleFor(shape) };
  for (let round = 0; round < texts.length; round += 1) {
    const parsed = schema.safeParse(box.value);
    if (parsed.success) return box.value;
    for (const { path } of parsed.error.issues) tryNextText(box, ['value', ...path]);
  }
  return undefined;
}

function sampleFor(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice !== undefined) return sampleFor(choice);
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return arrayOf(schema);
    case 'number':
    case 'integer':
      return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return (texts[0] ?? '').padEnd(schema.minLength ?? 0, 'x');
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema): object {
  const entries = required.map((key) => [key, sampleFor(properties[key] ?? {})]);
  // Of a record one entry: empty ones are seldom meant.
  const other =
    typeof additionalProperties === 'object' ? [['example', sampleFor(additionalProperties)]] : [];
  return Object.fromEntries([...entries, ...other]);
}

function arrayOf({ prefixItems = [], items = {}, minItems = 0 }: JsonSchema): unknown[] {
  const first = prefixItems.map(sampleFor);
  return [...first, ...Array.from({ length: Math.max(0, minItems - first.length) }, () => sampleFor(items))];
}

function tryNextText(box: object, path: readonly PropertyKey[]): void {
  const last = path.at(-1);
  let at: unknown = box;
  for (const key of path.slice(0, -1)) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  if (typeof at !== 'object' || at === null || last === undefined) return;
  const holder = at as Record<PropertyKey, unknown>;
  const next = texts[texts.indexOf(String(holder[last])) + 1];
  if (typeof holder[last] === 'string' && next !== undefined) holder[last] = next;
}
