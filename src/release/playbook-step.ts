// Steps of a playbook: a name alone, or a name with its keywords, among them `dynamic` and `notify`.
import type { Notify } from '../contract/message-format.js';
import { splitStep } from '../contract/names.js';
import { nearest } from '../contract/nearest.js';
import type { PlaybookStep } from './playbook-data.js';
import type { Entry, Place, PlaybookSource } from './playbook-source.js';

const form = 'a step: `worker:Step`, or an object with that one key and the parameters under it';
// A worker's name is part of a routing key and of a queue's name, which have at most 255 bytes.
const workerName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;
const enginePhases = ['started', 'completed', 'failed'];
const ofTheEngine = ['command', 'subcommand', 'hosts'];

export function readStep(source: PlaybookSource, place: Place): PlaybookStep | undefined {
  if (source.isText(place)) {
    const step = source.text(place, { expected: form });
    return step === undefined ? undefined : bare(source, { step, line: place.line });
  }
  const entries = source.entries(place, { expected: form });
  if (entries === undefined) return undefined;
  const [only, ...others] = entries;
  if (only === undefined || others.length > 0) {
    const keys = entries.map(({ key }) => `\`${key}\``).join(', ');
    const isFlat = only !== undefined && source.kind(only) === 'nothing';
    source.defect(place, {
      expected: 'a step to have one key, its name',
      got: only === undefined ? 'none' : `${entries.length}: ${keys}`,
      hint: isFlat ? 'indent its parameters deeper than its name' : undefined,
    });
    return undefined;
  }
  return withKeywords(source, only);
}

function bare(
  source: PlaybookSource,
  { step, line }: { step: string; line: number },
): PlaybookStep | undefined {
  const { command: worker, subcommand } = splitStep(step);
  if (!workerName.test(worker)) {
    source.defect(
      { line, node: null },
      {
        expected: "a worker's name (letters, digits, `_`, `-`, `.`) before the first colon of a step",
        got: JSON.stringify(step),
      },
    );
    return undefined;
  }
  return { step, worker, subcommand, parameters: {}, dynamic: [], notify: {}, line };
}

function withKeywords(source: PlaybookSource, entry: Entry): PlaybookStep | undefined {
  const step = bare(source, { step: entry.key, line: entry.keyLine });
  const keywords = source.entries(entry, {
    expected: `an object with the parameters of \`${entry.key}\``,
    hint: hintFor(source, entry),
  });
  if (step === undefined || keywords === undefined) return undefined;
  for (const { key, keyLine } of keywords) {
    if (ofTheEngine.includes(key))
      source.warn(keyLine, `\`${key}\` of ${step.step} is not used: the engine sets it itself`);
  }
  const find = (name: string) => keywords.find(({ key }) => key === name);
  const dynamic = readDynamic(source, find('dynamic'));
  const notify = readNotify(source, find('notify'));
  const all = source.json(entry);
  if (typeof all !== 'object' || all === null) return undefined;
  const { notify: _, ...parameters } = all as Record<string, unknown>;
  return { ...step, parameters, dynamic, notify };
}

function hintFor(source: PlaybookSource, entry: Entry): string | undefined {
  const kind = source.kind(entry);
  if (kind === 'nothing') return `a step without parameters is a string: \`- ${entry.key}\``;
  if (source.isText(entry) && !entry.key.includes(':'))
    return 'write the name of a step without a space behind the colon';
  return undefined;
}

function readDynamic(source: PlaybookSource, entry: Entry | undefined): readonly string[] {
  if (entry === undefined) return [];
  const items = source.items(entry, { expected: '`dynamic` to be a list of names' }) ?? [];
  return items.flatMap((item) => source.text(item, { expected: 'the name of a dynamic value' }) ?? []);
}

function readNotify(source: PlaybookSource, entry: Entry | undefined): Notify {
  if (entry === undefined) return {};
  const phases = source.entries(entry, { expected: '`notify` to be an object: phase, transport, targets' });
  return Object.fromEntries((phases ?? []).map((phase) => [phase.key, readPhase(source, phase)]));
}

function readPhase(source: PlaybookSource, phase: Entry): Readonly<Record<string, unknown>> {
  if (!enginePhases.includes(phase.key)) warnOfPhase(source, phase);
  const expected = `\`${phase.key}\` of \`notify\` to be an object: transport, targets`;
  const transports = source.entries(phase, { expected }) ?? [];
  return Object.fromEntries(transports.map((transport) => [transport.key, readTargets(source, transport)]));
}

// A worker may name phases of its own, so this is no defect.
function warnOfPhase(source: PlaybookSource, { key, keyLine }: Entry): void {
  const meant = nearest(key, enginePhases);
  const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`;
  source.warn(keyLine, `the engine has no phase \`${key}\` to notify of${hint}`);
}

function readTargets(source: PlaybookSource, transport: Entry): unknown {
  // One target without a list passes through, as in the original engine.
  if (source.isText(transport)) return source.text(transport, { expected: 'a target' });
  const items = source.items(transport, {
    expected: `\`${transport.key}\` of \`notify\` to be a list of targets`,
  });
  if (items?.length === 0)
    source.warn(transport.line, `nobody is notified over \`${transport.key}\`: the list is empty`);
  return items?.map((item) => source.text(item, { expected: 'a target as a string' }));
}
