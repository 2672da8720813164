// A stage for releases: an embedded broker, foreign workers on it, time in hand, and all that is told.
import { SimulatedClock } from 'xstate';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import type { Message } from '../../src/contract/message.js';
import { type PlayOptions, playRelease } from '../../src/release/play.js';
import { parsePlaybook } from '../../src/release/playbook.js';
import type { ReleaseEvent } from '../../src/release/release-event.js';
import {
  type Answer,
  completed,
  type SeenJob,
  started,
  startForeignWorker,
} from '../client/foreign-worker.js';

export const playbookOf = (text: string) => parsePlaybook(text, { file: 'p.yaml' });

/** A playbook whose steps are these lines, the first of them line 5. */
export const withSteps = (...lines: string[]) =>
  ['group: g', 'execution:', '  - hosts: [a]', '    steps:', ...lines.map((line) => `      ${line}`)].join(
    '\n',
  );

/** A playbook whose one sequence is these lines, the first of them line 3. */
export const withSequence = (...lines: string[]) =>
  ['group: g', 'execution:', ...lines.map((line) => `  ${line}`)].join('\n');

export function createStage() {
  const broker = createMemoryBroker();
  const clock = new SimulatedClock();
  const published: Message[] = [];
  broker.tap((event) => {
    if (event.type === 'published') published.push(event.message);
  });
  return {
    broker,
    clock,
    /** All that was published, in order. */
    published,
    worker: (name: string, script: (job: SeenJob) => readonly Answer[] = () => [started, completed]) =>
      startForeignWorker(broker, { name, script }),
    /** Plays a playbook given as text; `events` fills as it happens. */
    play(text: string, options: Partial<PlayOptions> = {}) {
      const events: ReleaseEvent[] = [];
      const ended = playRelease({
        transport: broker.connect({ name: 'engine' }),
        playbook: playbookOf(text),
        clock,
        lingerMs: 0,
        onEvent: (event) => events.push(event),
        ...options,
      });
      return { events, ended };
    },
  };
}

/** One line an event: `step.failed b:Y@h1 REPLY_MALFORMED`. */
export function told(events: readonly ReleaseEvent[]): readonly string[] {
  return events.map((event) => {
    if (!('step' in event)) return event.type;
    const place = event.step === null ? '' : ` ${event.step.step}@${event.step.host}`;
    const problem = 'problem' in event ? ` ${event.problem?.code}` : '';
    const message = 'message' in event ? `: ${event.message}` : '';
    return `${event.type}${place}${problem}${message}`;
  });
}
