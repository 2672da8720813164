// Who may import whom. Imports point down only; docs/architecture.md draws the same picture.
import type { Edge } from './imports.js';

interface Layer {
  /** Paths that belong to it; the first layer that fits wins. */
  readonly holds: RegExp;
  /** Paths of this tree it may import besides its own. */
  readonly imports?: RegExp;
  /** The same, but only types. */
  readonly importsTypesOf?: RegExp;
  /** Packages and Node modules it may import; default: any but amqplib. */
  readonly packages?: RegExp;
  /** Speaks to the rest through the package's name alone, as its users do. */
  readonly throughDoors?: boolean;
}

const layers: Readonly<Record<string, Layer>> = {
  door: { holds: /^src\/index\.ts$/, imports: /^(src\/(?!cli\/)|machines\/)/ },
  inspector: { holds: /^src\/inspector\//, imports: /^src\/(contract|statechart)\//, packages: /^xstate$/ },
  testing: {
    holds: /^src\/testing\//,
    imports:
      /^(src\/(worker|client|contract|statechart)\/|src\/(clock|transport)\.ts|machines\/|adapters\/memory\/)/,
    packages: /^(xstate|zod|fast-check)$/,
  },
  cli: { holds: /^src\/cli\//, imports: /^(src|machines|adapters|workers|examples)\// },
  worker: {
    holds: /^src\/worker\//,
    imports: /^(src\/(clock\.ts|transport\.ts|contract\/|statechart\/)|machines\/)/,
  },
  client: {
    holds: /^src\/client\//,
    imports: /^(src\/(clock\.ts|transport\.ts|contract\/|statechart\/)|machines\/)/,
    importsTypesOf: /^src\/worker\/definition\.ts$/,
  },
  release: {
    holds: /^src\/release\//,
    imports: /^(src\/(client\/|clock\.ts|transport\.ts|contract\/|statechart\/)|machines\/)/,
  },
  machines: {
    holds: /^machines\//,
    // The protocol's automaton judges the machines: nobody is his own judge.
    imports: /^src\/(statechart\/|contract\/(?!protocol|index\.ts))/,
    packages: /^xstate$/,
  },
  statechart: { holds: /^src\/statechart\//, imports: /^src\/contract\//, packages: /^xstate$/ },
  amqp: { holds: /^adapters\/amqp\//, imports: /^src\/(transport\.ts|contract\/)/, packages: /./ },
  memory: { holds: /^adapters\/memory\//, imports: /^src\/(transport\.ts|contract\/)/, packages: /^$/ },
  port: { holds: /^src\/transport\.ts$/, imports: /^src\/contract\//, packages: /^$/ },
  clock: { holds: /^src\/clock\.ts$/, packages: /^$/ },
  contract: { holds: /^src\/contract\//, packages: /^zod$/ },
  workers: { holds: /^workers\//, throughDoors: true },
  examples: { holds: /^examples\//, throughDoors: true },
};

const anyButAmqplib = /^(?!amqplib$)/;

/** What is wrong with an import; null: it is allowed. */
export function breach(edge: Edge): string | null {
  const name = Object.keys(layers).find((key) => layers[key]?.holds.test(edge.from));
  const layer = name === undefined ? undefined : layers[name];
  if (!layer) return `${edge.from} belongs to no layer; name its layer in test/structure/layers.ts`;
  const line = `${edge.from} -> ${edge.to}`;
  const isRelative = edge.specifier.startsWith('.');
  const byName = edge.specifier.startsWith('needful-worker');
  if (!isRelative && !byName) {
    const allowed = (layer.packages ?? anyButAmqplib).test(edge.specifier);
    return allowed ? null : `${line}: layer ${name} may not import this package`;
  }
  if (layer.throughDoors) {
    if (byName || layer.holds.test(edge.to)) return null;
    return `${line}: layer ${name} imports through 'needful-worker' alone`;
  }
  if (byName) return `${line}: the library imports itself by path, not by its name`;
  if (layer.holds.test(edge.to) || layer.imports?.test(edge.to)) return null;
  if (edge.typeOnly && layer.importsTypesOf?.test(edge.to)) return null;
  return `${line}: layer ${name} may not import it`;
}
