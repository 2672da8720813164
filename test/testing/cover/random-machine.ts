// Random machines that always come to rest: states one inside the other and side by side, finals, history, guards that may
// say anything. What is certain leads to later states only; every microstep ticks, so that guards know one moment from the next.
import fc from 'fast-check';
import { type AnyStateMachine, assign, createMachine } from 'xstate';

const guards = ['g', 'h', 'i'] as const;
export type Oracle = (guard: string, moment: number) => boolean;

interface Shape {
  readonly type: 'plain' | 'parallel' | 'final' | 'history';
  readonly children: readonly Shape[];
}

const shape = (depth: number): fc.Arbitrary<Shape> =>
  fc.record({
    type: fc.constantFrom('plain', 'plain', 'plain', 'parallel', 'final', 'history'),
    children: depth === 0 ? fc.constant([]) : fc.array(shape(depth - 1), { maxLength: 3 }),
  });

const way = fc.record({
  source: fc.nat(),
  target: fc.option(fc.nat()),
  event: fc.constantFrom('a', 'b', 'a.x', 'a.*', '*', 'always', 'done'),
  guard: fc.option(fc.constantFrom(...guards), { nil: undefined }),
  reenter: fc.boolean(),
});
type Way = typeof way extends fc.Arbitrary<infer W> ? W : never;

export const randomMachine: fc.Arbitrary<{ readonly make: (oracle: Oracle) => AnyStateMachine }> = fc
  .record({
    children: fc.array(shape(2), { minLength: 2, maxLength: 4 }),
    ways: fc.array(way, { maxLength: 12 }),
  })
  .map(({ children, ways }) => {
    const make = (oracle: Oracle) => machineOf({ type: 'plain', children }, { ways, oracle });
    return { make, [fc.toStringMethod]: () => JSON.stringify(make(() => true).config) };
  });

interface Config {
  readonly id: string;
  type?: string;
  history?: string;
  initial?: string;
  states?: Record<string, Config>;
  on?: Record<string, object[]>;
  always?: object[];
  onDone?: object[];
}

function machineOf(
  root: Shape,
  { ways, oracle }: { readonly ways: readonly Way[]; readonly oracle: Oracle },
): AnyStateMachine {
  const all: Config[] = [];
  const config = configOf(root, { all, key: 'm' });
  for (const given of ways) addWay(all, given);
  const holds = (name: string) => [
    name,
    ({ context }: { context: { moment: number } }) => oracle(name, context.moment),
  ];
  return createMachine({ ...config, context: { moment: 0 }, options: { maxIterations: 300 } } as never, {
    guards: Object.fromEntries(guards.map(holds)),
    actions: {
      tick: assign({ moment: ({ context }: { context: { moment: number } }) => context.moment + 1 }) as never,
    },
  });
}

function configOf(
  { type, children }: Shape,
  {
    all,
    key,
    isRegion = false,
  }: { readonly all: Config[]; readonly key: string; readonly isRegion?: boolean },
): Config {
  const config: Config = { id: key };
  all.push(config);
  if (type === 'history')
    return Object.assign(config, { type, history: key.endsWith('1') ? 'deep' : 'shallow' });
  if (type === 'final' && !isRegion) return Object.assign(config, { type });
  if (children.length === 0) return config;
  const isParallel = type === 'parallel';
  const states = children.map((child, at) => {
    const name = `${key}${at}`;
    // A state begins with its first, and each region is one.
    const isPlace = at === 0 || isParallel;
    const given = isPlace && child.type === 'history' ? { ...child, type: 'plain' as const } : child;
    return [name, configOf(given, { all, key: name, isRegion: isParallel })] as const;
  });
  config.states = Object.fromEntries(states);
  if (isParallel) config.type = 'parallel';
  else config.initial = `${key}0`;
  return config;
}

const isInside = (inner: Config, outer: Config) => inner.id.startsWith(outer.id);

/** In regions side by side: to enter one is to enter the other anew. */
function areBeside(all: readonly Config[], one: Config, other: Config): boolean {
  const around = all.filter((state) => isInside(one, state) && isInside(other, state));
  return around.at(-1)?.type === 'parallel';
}

function addWay(all: readonly Config[], { source: from, target: to, event, guard, reenter }: Way): void {
  const sources = all.filter(({ type }) => type !== 'final' && type !== 'history');
  const source = sources[from % sources.length] as Config;
  // What also answers that a state is done: a guard would be asked in the moment of another one's.
  const isPlain = event === 'done' || event === '*';
  const isCertain = isPlain || (event === 'always' && guard === undefined);
  const later = all
    .slice(all.indexOf(source) + 1)
    .filter((state) => state.type !== 'history' && !isInside(state, source))
    .filter((state) => !areBeside(all, source, state));
  const targets = isCertain ? later : all.slice(1);
  const target = to === null ? undefined : targets[to % targets.length];
  if ((event === 'always' || event === 'done') && target === undefined) return;
  const transition = {
    reenter,
    actions: 'tick',
    ...(target && { target: `#${target.id}` }),
    ...(!isPlain && { guard }),
  };
  if (event === 'done') source.onDone = [...(source.onDone ?? []), transition];
  else if (event === 'always') source.always = [...(source.always ?? []), transition];
  else source.on = { ...source.on, [event]: [...(source.on?.[event] ?? []), transition] };
}
