// A path through a machine, and what may be said about which of them can be gone.

/** One microstep, or a look at guards that let nothing be taken. */
export interface CoverStep {
  /** Nested states are joined by a dot, states side by side by a bar. */
  readonly from: string;
  /** As the machine calls it; `always` where it needs none. */
  readonly event: string;
  /** What each guard says that is asked. */
  readonly guards: Readonly<Record<string, boolean>>;
  readonly to: string;
  /** It follows by itself: nothing has to be done for it. */
  readonly transient: boolean;
  /** false: no guard lets a way be taken, so nothing happens. */
  readonly taken: boolean;
  /** Names of the actions that are called, in order. */
  readonly actions: readonly string[];
  /** Names of the transitions and guard outcomes that it covers. */
  readonly covers: readonly string[];
}

/** A way from where the machine begins, for one test. */
export interface CoverPath {
  readonly steps: readonly CoverStep[];
  /** One line: what happens from outside, and where it ends. */
  readonly description: string;
}

/**
 * Whether a path can be gone, judged by its last step. `false`: no. A text: yes, and all paths to the same state with the
 * same text can go on alike; it is what the path leaves behind, such as `1 retry`. `true`: yes, and nothing is left behind.
 */
export type Allows = (steps: readonly CoverStep[]) => boolean | string;

export function pathOf(steps: readonly CoverStep[]): CoverPath {
  return { steps, description: describe(steps) };
}

function describe(steps: readonly CoverStep[]): string {
  if (steps.length === 0) return 'it begins, and nothing can happen';
  const parts: { readonly event: string; readonly claims: string[] }[] = [];
  for (const { event, guards, transient } of steps) {
    if (!transient || parts.length === 0) parts.push({ event, claims: [] });
    const claims = Object.entries(guards).map(([name, holds]) => (holds ? name : `not ${name}`));
    parts.at(-1)?.claims.push(...claims);
  }
  const said = parts.map(({ event, claims }) =>
    claims.length === 0 ? event : `${event} (${claims.join(', ')})`,
  );
  return `${said.join(', ')} -> ${steps.at(-1)?.to ?? ''}`;
}
