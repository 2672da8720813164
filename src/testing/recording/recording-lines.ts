// What is said of a recording that was held against its machines.
import type { CheckedRecording } from './check-recording.js';
import type { RecordedLine, Recording } from './read-recording.js';

/** For people, the verdict first. `name`: of the file. */
export function recordingLines(
  { checkedCount, trackCount, divergence, unchecked }: CheckedRecording,
  { name, tornCount = 0 }: { readonly name: string } & Partial<Pick<Recording, 'tornCount'>>,
): readonly string[] {
  const counted = `${checkedCount} transitions, ${trackCount} of lanes and machines`;
  const torn = tornCount === 0 ? [] : [`lines that are cut off: ${tornCount}`];
  const rest = [...torn, ...unchecked.map((what) => `not checked: ${what}`)];
  if (divergence === null) return [`${name}: a path of the machine, ${counted}`, ...rest];
  const { line, of, record, before, expected } = divergence;
  const all = [...before, record];
  const width = String(line).length;
  return [
    `${name}:${line}: ${of}: ${shown(record)} is on no path of the machine`,
    ...all.map((one) => {
      const mark = one === record ? '>' : ' ';
      return `${mark} ${String(one.line).padStart(width)}  ${shown(one)}`;
    }),
    expected.length === 0
      ? 'the machine would have done nothing any more'
      : `the machine would have done: ${expected.join(', or ')}`,
    ...rest,
  ];
}

const shown = ({ from, event, to }: RecordedLine) => `${from === '' ? 'nowhere' : from} + ${event} -> ${to}`;
