// Random machines, with names and texts that mean something to XState, Mermaid, Graphviz or Markdown.
import fc from 'fast-check';
import { type AnyStateMachine, createMachine } from 'xstate';

const traps = [
  ...[
    'end',
    'state',
    'note',
    'graph',
    'node',
    'subgraph',
    'digraph',
    'strict',
    'direction LR',
    'direction  tb',
  ],
  ...['default', 'class a b', 'classDef x', 'style s fill:#f00;', 'style: #59;', 'click a href "b"'],
  ...[
    '[*]',
    '<<fork>>',
    '[[join]]',
    'a --> b',
    '--',
    '-->',
    ':::x',
    'a:b',
    'a;b',
    '#',
    '#59;',
    '&lt;',
    '<b>x</b>',
  ],
  ...[
    '"',
    "'",
    '""',
    '\\',
    '\\N',
    'a\\',
    '\n',
    'one\ntwo',
    '\r\n',
    '\t',
    '\u0000',
    '\u2028',
    '%%',
    '%%{init: {}}%%',
  ],
  ...[
    '{',
    '}',
    '{{}}',
    '}}%%',
    '[',
    ']',
    '[a](b)',
    '![a](b)',
    '**b**',
    '_a_',
    '__proto',
    'a_b',
    '`',
    '```',
    '$$x$$',
  ],
  ...[
    '1. one',
    '- one',
    '+ one',
    '> one',
    '===',
    '---',
    '~~~',
    '# head',
    'root',
    'root_start',
    'any',
    'anew',
    '<br/>',
  ],
  ...[
    'note right of a: b',
    'end note',
    'accTitle: x',
    'accDescr {',
    'hide empty description',
    'stateDiagram-v2',
  ],
  ...['größer', '状態', '🙂', '\ud800', 'e\u0301', 'fa:fa-car', 'https://a.example/?b=c&d', 'x'.repeat(90)],
  ...['start of x', 'constructor', 'ﬂ°°59¶ß', 'scale 1 width'],
];
const trap = fc.constantFrom(...traps);

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: trap },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.tuple(trap, trap).map((two) => two.join(' ')) },
);
/** Names that neither XState nor this project keeps for itself. */
const name = oddText.filter((text) => text !== '' && !/^(xstate\.|\$|__proto__$)/.test(text));
const names = fc.array(name, { maxLength: 2 });

const texts = fc.record({ description: oddText, tags: names, entry: names, exit: names, run: name });

interface Shape {
  readonly key: string;
  readonly id: string;
  readonly type: 'plain' | 'parallel' | 'final' | 'history';
  readonly children: readonly Shape[];
  readonly texts: typeof texts extends fc.Arbitrary<infer T> ? T : never;
}

const shape = (depth: number): fc.Arbitrary<Shape> =>
  fc.record({
    key: name,
    // XState reads dots and backslashes in the id of a target.
    id: oddText.map((text) => text.replace(/[.\\]/g, '')),
    type: fc.constantFrom('plain', 'plain', 'plain', 'parallel', 'final', 'history'),
    children: depth === 0 ? fc.constant([]) : fc.array(shape(depth - 1), { maxLength: 3 }),
    texts,
  });

const way = fc.record({
  source: fc.nat(),
  target: fc.option(fc.nat()),
  event: fc.oneof(name, fc.constantFrom('always', 'after')),
  delay: fc.nat(10_000_000),
  guard: fc.option(name, { nil: undefined }),
  actions: names,
  reenter: fc.boolean(),
  description: fc.option(oddText, { nil: undefined }),
});
type Way = typeof way extends fc.Arbitrary<infer W> ? W : never;

type Config = Record<string, unknown>;

export const oddMachine: fc.Arbitrary<AnyStateMachine> = fc
  .record({ texts, children: fc.array(shape(2), { minLength: 1, maxLength: 3 }) })
  .chain((root) => fc.tuple(fc.constant(root), fc.array(way, { maxLength: 8 })))
  .map(([root, ways]) => machineOf({ ...root, key: 'root', id: '', type: 'plain' }, ways));

function machineOf(root: Shape, ways: readonly Way[]): AnyStateMachine {
  const states: Config[] = [];
  const config = configOf(root, { states, isRegion: false });
  const sources = states.filter(({ type }) => type !== 'history' && type !== 'final');
  for (const given of ways) {
    const source = sources[given.source % sources.length];
    const target = given.target === null ? undefined : states[given.target % states.length];
    if (source !== undefined) addWay(source, given, target);
  }
  return createMachine(config as never);
}

/** A state of XState's configuration, with an id of its own that nobody else has. */
function configOf(
  { key, id, type, children, texts: { run, ...said } }: Shape,
  { states, isRegion }: { readonly states: Config[]; readonly isRegion: boolean },
): Config {
  const config: Config = { id: `${states.length} ${key.replace(/[.\\]/g, '')} ${id}` };
  states.push(config);
  if (type === 'history' && !isRegion) return Object.assign(config, { type, description: said.description });
  Object.assign(config, said, { meta: { run, deadline: 1500 } });
  if (type === 'final') return Object.assign(config, { type });
  const inner = children.filter((one, at) => children.findIndex((other) => other.key === one.key) === at);
  const first = inner.find((child) => child.type !== 'history');
  if (first === undefined) return config;
  const isParallel = type === 'parallel';
  const entries = inner.map((child) => [child.key, configOf(child, { states, isRegion: isParallel })]);
  return Object.assign(
    config,
    { states: Object.fromEntries(entries) },
    isParallel ? { type } : { initial: first.key },
  );
}

function addWay(source: Config, { event, delay, ...given }: Way, target: Config | undefined): void {
  const { guard, actions, reenter, description } = given;
  const transition = { guard, actions, reenter, description, ...(target && { target: `#${target.id}` }) };
  if (event === 'always') {
    source.always = [...((source.always as object[] | undefined) ?? []), transition];
    return;
  }
  const [slot, by] = event === 'after' ? ['after', String(delay)] : ['on', event];
  const all = new Map(Object.entries((source[slot] ?? {}) as Record<string, object[]>));
  source[slot] = Object.fromEntries(all.set(by, [...(all.get(by) ?? []), transition]));
}
