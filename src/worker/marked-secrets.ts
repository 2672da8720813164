// Which parts of a configuration are secret: what its schema marks, found in a value by walking both together.
import { z } from 'zod';

/** Marks what the schema takes as secret: it is redacted in everything that leaves the process. Same as `.meta({ secret: true })`. */
export function secret<S extends z.ZodType>(schema: S): S {
  return schema.meta({ ...schema.meta(), secret: true }) as S;
}

/** Texts that stand where the schema says `secret`, also where the value does not fit. */
export function secretsIn(schema: z.ZodType, value: unknown): readonly string[] {
  const search: Search = { found: new Set(), above: new Set() };
  walk(schema, value, search);
  return [...search.found];
}

/** All texts in a value, whatever a schema says of it. */
export function textsIn(value: unknown): readonly string[] {
  const search: Search = { found: new Set(), above: new Set() };
  collect(value, search);
  return [...search.found];
}

interface Search {
  readonly found: Set<string>;
  /** What is being looked at: a value may lie in itself. */
  readonly above: Set<unknown>;
}

/** The definition of a schema, as far as it leads to others. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly element?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly rest?: z.ZodType | null;
  readonly keyType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly innerType?: z.ZodType;
  /** Of a pipe: of what it is given, and of what it makes of it. */
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly left?: z.ZodType;
  readonly right?: z.ZodType;
  readonly getter?: () => z.ZodType;
}

function walk(schema: z.ZodType, value: unknown, search: Search): void {
  if (value === undefined || value === null) return;
  if (isMarked(schema)) {
    collect(value, search);
    return;
  }
  const definition = schema._zod.def as unknown as Definition;
  const { innerType, in: taken, out: made, left, right, getter, options = [] } = definition;
  for (const same of [innerType, taken, made, left, right, getter?.(), ...options])
    if (same !== undefined) walk(same, value, search);
  eachPart(value, search, (part, key) => {
    if (definition.keyType !== undefined) walk(definition.keyType, key, search);
    const inner = innerOf(definition, key);
    if (inner) walk(inner, part, search);
  });
}

function collect(value: unknown, search: Search): void {
  if (ArrayBuffer.isView(value))
    search.found.add(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());
  else if (typeof value === 'object') eachPart(value, search, (part) => collect(part, search));
  else if (['string', 'number', 'bigint'].includes(typeof value)) search.found.add(String(value));
}

function eachPart(value: unknown, { above }: Search, look: (part: unknown, key: unknown) => void): void {
  if (typeof value !== 'object' || value === null || above.has(value)) return;
  above.add(value);
  const isKeyed = value instanceof Map || value instanceof Set;
  for (const [key, part] of isKeyed ? value.entries() : Object.entries(value)) look(part, key);
  above.delete(value);
}

function isMarked(schema: z.ZodType): boolean {
  // A schema of zod/mini has no method for it.
  const meta = typeof schema.meta === 'function' ? schema.meta() : z.globalRegistry.get(schema);
  return meta?.secret === true;
}

/** Of arrays, sets, tuples, objects, records and maps. */
function innerOf(
  { shape, catchall, element, items, rest, valueType }: Definition,
  key: unknown,
): z.ZodType | null | undefined {
  if (shape !== undefined) return Object.hasOwn(shape, String(key)) ? shape[String(key)] : catchall;
  return element ?? items?.[Number(key)] ?? rest ?? valueType;
}
