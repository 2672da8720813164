// Graphviz itself draws what we write, and says what it has drawn.
import { instance } from '@viz-js/viz';

export interface ReadDot {
  /** Names of boxes and clusters that are states. */
  readonly states: readonly { readonly name: string; readonly parent: string | undefined }[];
  readonly ways: readonly { readonly from: string; readonly to: string; readonly isDashed: boolean }[];
  readonly stands: readonly string[];
  /** Of the root. */
  readonly width: number;
}

interface Thing {
  readonly name: string;
  readonly class?: string;
  readonly nodes?: readonly number[];
  readonly subgraphs?: readonly number[];
  readonly style?: string;
}

interface Output {
  readonly bb: string;
  readonly objects?: readonly Thing[];
  readonly edges?: readonly (Omit<Thing, 'name'> & { readonly tail: number; readonly head: number })[];
}

const graphviz = instance();

/** Rejects with Graphviz's own words where it cannot draw the picture. */
export async function readDot(source: string): Promise<ReadDot> {
  const result = (await graphviz).render(source, { format: 'json0' });
  const errors = result.errors.filter(({ level }) => level === 'error');
  if (result.status !== 'success' || errors.length > 0) throw new Error(JSON.stringify(result.errors));
  const { bb, objects = [], edges = [] } = JSON.parse(result.output) as Output;
  /** A cluster lists all nodes that are somewhere in it, and has one of its own. */
  const parentOf = (index: number) =>
    objects
      .filter(({ subgraphs, nodes }) => subgraphs?.includes(index) || nodes?.includes(index))
      .toSorted((one, other) => (one.nodes?.length ?? 0) - (other.nodes?.length ?? 0))[0];
  const nameAt = (index: number) => objects[index]?.name ?? '';
  const plain = (name: string | undefined) => name?.replace(/^cluster /, '');
  return {
    states: objects.flatMap((thing, index) =>
      thing.class === 'state'
        ? [{ name: plain(thing.name) ?? '', parent: plain(parentOf(index)?.name) }]
        : [],
    ),
    ways: edges
      .filter((edge) => edge.class?.startsWith('way'))
      .map(({ tail, head, style }) => ({
        from: nameAt(tail),
        to: nameAt(head),
        isDashed: style === 'dashed',
      })),
    stands: objects.filter((thing) => thing.class === 'stand').map(({ name }) => name),
    width: Number(bb.split(',')[2]),
  };
}
