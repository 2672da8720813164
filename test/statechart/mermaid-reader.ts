// Mermaid itself reads what we write: what its parser and its state database make of a picture. It wants a browser's
// globals, and finds them only when it is first imported.
import { Window } from 'happy-dom';
import type { Graph } from '../../src/statechart/index.js';

export interface ReadState {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string;
}

export interface ReadMermaid {
  /** Boxes: states, and those that stand for several. */
  readonly states: readonly ReadState[];
  /** Without those from a start and to an end. */
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly label: string }[];
  readonly startCount: number;
  readonly notes: readonly string[];
}

interface Node {
  readonly id: string;
  readonly parentId?: string;
  readonly shape: string;
  readonly label: string | readonly string[];
}

interface Edge {
  readonly start: string;
  readonly end: string;
  readonly classes: string;
}

/** What was parsed, before it went through the sanitizer, which loses the first line in a DOM that is not a browser's. */
interface Statement {
  readonly stmt: string;
  readonly description?: string;
  readonly doc?: readonly Statement[];
  readonly note?: { readonly text: string };
}

interface Database {
  getData(): { readonly nodes: readonly Node[]; readonly edges: readonly Edge[] };
  readonly rootDoc: readonly Statement[];
}

type Mermaid = typeof import('mermaid').default;
let loaded: Promise<Mermaid> | undefined;

async function load(): Promise<Mermaid> {
  const window = new Window();
  Object.assign(globalThis, { window, document: window.document });
  const { default: mermaid } = await import('mermaid');
  // Its diagrams are known to it once it has parsed something.
  await mermaid.parse('stateDiagram-v2\n  a --> b\n');
  return mermaid;
}

const known = new Map<string, Promise<ReadMermaid>>();

/** Rejects with Mermaid's own words where it cannot read the picture. Many workers look the same: each look is read once. */
export function readMermaid(source: string): Promise<ReadMermaid> {
  const reading = known.get(source) ?? read(source);
  known.set(source, reading);
  return reading;
}

async function read(source: string): Promise<ReadMermaid> {
  loaded ??= load();
  const diagram = await (await loaded).mermaidAPI.getDiagramFromText(source);
  const db = diagram.db as unknown as Database;
  const { nodes, edges } = db.getData();
  const statements = flat(db.rootDoc);
  const labels = statements
    .filter(({ stmt }) => stmt === 'relation')
    .map(({ description }) => description ?? '');
  const idsOf = (shape: string) => nodes.filter((node) => node.shape === shape).map(({ id }) => id);
  const [starts, ends] = [idsOf('stateStart'), idsOf('stateEnd')];
  const isBox = ({ shape }: Node) => !/^(stateStart|stateEnd|note|noteGroup)$/.test(shape);
  return {
    states: nodes
      .filter(isBox)
      .map(({ id, parentId, label }) => ({ id, parentId, name: decoded([label].flat()[0] ?? '') })),
    arrows: edges
      .filter(({ classes }) => classes === 'transition')
      .map(({ start, end }, index) => ({ from: start, to: end, label: decoded(labels[index] ?? '') }))
      .filter(({ from, to }) => !starts.includes(from) && !ends.includes(to)),
    startCount: starts.length,
    notes: statements.flatMap(({ note }) => (note === undefined ? [] : [decoded(note.text)])),
  };
}

const flat = (statements: readonly Statement[]): Statement[] =>
  statements.flatMap((statement) => [statement, ...flat(statement.doc ?? [])]);

/** Until it draws, Mermaid keeps `#59;` under signs of its own. */
const decoded = (text: string) =>
  text.replace(/<br ?\/?>/g, '\n').replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));

/** Ways from a state to itself, which share an arrow. One of a state with others inside leads from box to box in it. */
export function loopsOf({ nodes, edges }: Graph): Graph['edges'] {
  const boxes = new Set([nodes[0]?.id, ...nodes.map(({ parent }) => parent)]);
  return edges.filter(
    ({ source, target, targetless }) => targetless || (source === target && !boxes.has(source)),
  );
}
