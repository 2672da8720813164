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
  /** A transition of a machine: `lane 0`, or `worker`. */
  readonly machine?: string;
  /** The state it came to. */
  readonly state?: string;
}

export const toText = ({ step, ms, from, to, text }: TraceLine): string =>
  `${String(step).padStart(5)} ${String(Math.round(ms)).padStart(8)} ${from === to ? from : `${from} -> ${to}`}: ${text}`;

/** The lines as a sequence diagram in Mermaid; what happens at one place without a message between is one note. */
export function toDiagram(lines: readonly TraceLine[]): string {
  const actors = new Set(['engine', 'broker', ...lines.flatMap(({ from, to }) => [from, to])]);
  const drawn: string[] = [];
  let noted: TraceLine[] = [];
  const flush = () => {
    const [first] = noted;
    if (first) drawn.push(`  Note over ${first.from}: ${notes(noted).map(plain).join('<br/>')}`);
    noted = [];
  };
  for (const line of lines) {
    if (line.from !== line.to || (noted[0] && noted[0].from !== line.from)) flush();
    if (line.from === line.to) noted.push(line);
    else drawn.push(`  ${line.from}->>${line.to}: ${plain(line.text)}`);
  }
  flush();
  return ['sequenceDiagram', ...[...actors].map((actor) => `  participant ${actor}`), ...drawn].join('\n');
}

/** Transitions of one machine after the other come as one: the states it came to. */
function notes(lines: readonly TraceLine[]): readonly string[] {
  const said: string[] = [];
  let machine: string | undefined;
  for (const line of lines) {
    if (line.machine === undefined) said.push(line.text);
    else if (line.machine === machine) said.push(`${said.pop()}, ${line.state}`);
    else said.push(`${line.machine}: ${line.state}`);
    machine = line.machine;
  }
  return said;
}

/** Semicolons and hashes mean something to Mermaid. */
const plain = (text: string) => text.replaceAll(/[;#]/g, ',');
