// Sequences of a playbook: which steps run on which hosts.
import type { PlaybookStep, Sequence } from './playbook-data.js';
import type { Place, PlaybookSource } from './playbook-source.js';
import { readStep } from './playbook-step.js';

export function readSequences(source: PlaybookSource, place: Place): readonly Sequence[] {
  const items = source.items(place, { expected: '`execution` to be a list of sequences' });
  if (items?.length === 0)
    source.defect(place, { expected: '`execution` to have at least one sequence', got: 'an empty list' });
  return (items ?? []).flatMap(
    (item, index) => readSequence(source, { place: item, number: index + 1 }) ?? [],
  );
}

function readSequence(
  source: PlaybookSource,
  { place, number }: { readonly place: Place; readonly number: number },
): Sequence | undefined {
  const entries = source.entries(place, { expected: 'a sequence to be an object with `hosts` and `steps`' });
  if (entries === undefined) return undefined;
  source.refuseUnknown(entries, {
    known: ['description', 'hosts', 'preflight', 'steps'],
    where: 'a sequence',
  });
  const find = (name: string) => entries.find(({ key }) => key === name);
  const missing = { line: place.line, node: null };
  const description = find('description');
  const preflight = find('preflight');
  if (preflight !== undefined) {
    source.items(preflight, { expected: '`preflight` to be a list of steps' });
    source.warn(preflight.keyLine, '`preflight` is not run, as in the original engine');
  }
  return {
    number,
    description:
      (description && source.text(description, { expected: '`description` to be a string' })) ?? null,
    hosts: readHosts(source, find('hosts') ?? missing),
    steps: readSteps(source, find('steps') ?? missing),
    line: place.line,
  };
}

function readHosts(source: PlaybookSource, place: Place): readonly string[] {
  const items = source.items(place, { expected: '`hosts` to be a list of strings' });
  if (items?.length === 0)
    source.defect(place, { expected: '`hosts` to have at least one host', got: 'an empty list' });
  return (items ?? []).flatMap((item) => source.text(item, { expected: 'a host as a string' }) ?? []);
}

function readSteps(source: PlaybookSource, place: Place): readonly PlaybookStep[] {
  const items = source.items(place, { expected: '`steps` to be a list of steps' });
  if (items?.length === 0)
    source.defect(place, { expected: '`steps` to have at least one step', got: 'an empty list' });
  return (items ?? []).flatMap((item) => readStep(source, item) ?? []);
}
