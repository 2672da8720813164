// What happened in a run, line by line, for people: the same plan gives the same lines, byte for byte.

export interface TraceLine {
  /** Of the run. */
  readonly step: number;
  /** Milliseconds of simulated time. */
  readonly ms: number;
  readonly from: string;
  /** The same as `from`: it happened there. */
  readonly to: string;
  readonly text: string;
}

export interface Recorder {
  readonly lines: readonly TraceLine[];
  add(line: Omit<TraceLine, 'step' | 'ms'>): void;
}

export const toText = ({ step, ms, from, to, text }: TraceLine): string =>
  `${String(step).padStart(5)} ${String(Math.round(ms)).padStart(8)} ${from === to ? from : `${from} -> ${to}`}: ${text}`;

/** The lines as a sequence diagram in Mermaid. */
export function toDiagram(lines: readonly TraceLine[]): string {
  const first = ['engine', 'broker'];
  const actors = [...new Set([...first, ...lines.flatMap(({ from, to }) => [from, to])])];
  const drawn = lines.map(({ from, to, text, ms }) =>
    from === to
      ? `  Note over ${from}: ${plain(text)} (${Math.round(ms)} ms)`
      : `  ${from}->>${to}: ${plain(text)}`,
  );
  return ['sequenceDiagram', ...actors.map((actor) => `  participant ${actor}`), ...drawn].join('\n');
}

/** Semicolons and hashes mean something to Mermaid. */
const plain = (text: string) => text.replaceAll(/[;#]/g, ',');
