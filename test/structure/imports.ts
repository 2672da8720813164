// Which files there are, and what each imports: read from the text, since types leave no trace in what is run.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** As it is written: `./queue.js`, `zod`. */
  readonly specifier: string;
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

export interface Edge extends Import {
  /** Path from the root, with `/`. */
  readonly from: string;
  /** Path from the root; for a package its specifier. */
  readonly to: string;
}

/** TypeScript files below these folders, paths from the root. */
export function filesIn(folders: readonly string[]): readonly string[] {
  const all = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && folders.includes(entry.name))
    .flatMap((entry) => readdirSync(join(root, entry.name), { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return all.sort();
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Between the word and `from` stand names, braces, commas and line ends: no string, bracket or statement. */
const statement = /^(import|export)\s+(type\s+)?([\w*{][^;'"`()=]*?)\s*from\s*(['"])([^'"\n]+)\4/gm;
const bare = /^import\s*(['"])([^'"\n]+)\1/gm;
const call = /(typeof\s+)?\bimport\s*\(\s*(['"])([^'"\n]+)\2\s*[,)]\s*(\.\s*[A-Z])?/g;

/** Static and dynamic imports, re-exports, imports in types. */
export function readImports(source: string): readonly Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  for (const [, , type, names = '', , specifier = ''] of code.matchAll(statement)) {
    found.push({ specifier, typeOnly: type !== undefined || namesOnlyTypes(names) });
  }
  for (const [, , specifier = ''] of code.matchAll(bare)) found.push({ specifier, typeOnly: false });
  for (const [, type, , specifier = '', member] of code.matchAll(call)) {
    found.push({ specifier, typeOnly: type !== undefined || member !== undefined });
  }
  return found;
}

/** `{ type A, type B }` */
function namesOnlyTypes(names: string): boolean {
  const inBraces = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  if (inBraces === undefined) return false;
  const parts = inBraces.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '').every((part) => part.startsWith('type '));
}

/** Comments that begin a line; the formatter leaves none inside a statement. */
export function withoutComments(source: string): string {
  return source.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Where the package's own name leads; the same table as `exports` in package.json. */
const doors: Readonly<Record<string, string>> = {
  'needful-worker': 'src/index.ts',
  'needful-worker/amqp': 'adapters/amqp/index.ts',
  'needful-worker/memory': 'adapters/memory/index.ts',
  'needful-worker/contract': 'src/contract/index.ts',
  'needful-worker/machines': 'machines/index.ts',
  'needful-worker/statechart': 'src/statechart/index.ts',
  'needful-worker/testing': 'src/testing/index.ts',
};

export function edgesOf(path: string, source: string): readonly Edge[] {
  return readImports(source).map((found) => ({ ...found, from: path, to: target(path, found.specifier) }));
}

function target(path: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
  }
  const worker = /^needful-worker\/workers\/(.+)$/.exec(specifier)?.[1];
  return worker === undefined ? (doors[specifier] ?? specifier) : `workers/${worker}.ts`;
}

/** The first cycle found, as `a -> b -> a`; null if there is none. */
export function cycleIn(edges: readonly Pick<Edge, 'from' | 'to'>[]): string | null {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' -> ');
    if (done.has(path)) return null;
    for (const to of next.get(path) ?? []) {
      const cycle = visit(to, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const path of next.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}
