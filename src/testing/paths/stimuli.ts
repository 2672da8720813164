// What the world can do to a lane, each with the event that the lane is to hear of it. The model is told the event, the
// world does the deed: neither knows what the other makes of it.
import type { AnyEventObject } from 'xstate';
import type { Situation } from './model.js';

/** How a job is sent that is good for a path. */
export type JobName = 'valid' | 'invalid';

export type Deed =
  | { readonly does: 'send'; readonly job: JobName }
  /** The broker reads what was sent, and its answer comes. */
  | { readonly does: 'answer'; readonly as: 'confirmed' | 'returned' | 'refused' }
  /** The connection breaks: what was sent arrived, and its answer never comes. */
  | { readonly does: 'cut' }
  | { readonly does: 'reconnect' }
  /** Time passes until the state may last no longer. */
  | { readonly does: 'wait' }
  | { readonly does: 'end'; readonly how: 'completed' | 'failed' | 'failed for good' | 'thrown' }
  | { readonly does: 'cancel' }
  | { readonly does: 'stop' }
  /** An event of the flow's own. */
  | { readonly does: 'tell'; readonly event: string };

export interface Stimulus {
  /** As it is called in the name of a test: `its reply is refused`. */
  readonly name: string;
  readonly deed: Deed;
  /** What the lane hears, in order; those that its state does not answer are left out. */
  readonly events: readonly AnyEventObject[];
}

/** What the world is like for a lane beyond its machine. */
export interface Surroundings {
  readonly connected: boolean;
  /** Names of events that the flow has of its own. */
  readonly ownEvents: readonly string[];
  /** Deliveries as they will come, by job. */
  readonly deliveries: Readonly<Partial<Record<JobName, object>>>;
}

const answers = {
  reply: { confirmed: 'reply.confirmed', returned: 'reply.undeliverable', refused: 'reply.refused' },
  letter: { confirmed: 'letter.sent', returned: 'letter.failed', refused: 'letter.failed' },
} as const;

const answerNames = {
  confirmed: 'is confirmed',
  returned: 'finds no queue',
  refused: 'is refused by the broker',
} as const;

/** All that could happen to a lane in this situation. */
export function stimuliFor(situation: Situation, around: Surroundings): readonly Stimulus[] {
  const { idle, ended, awaits, runs, unsettled } = situation;
  if (ended) return [];
  const all: Stimulus[] = [];
  const add = (name: string, deed: Deed, ...events: readonly AnyEventObject[]) =>
    all.push({ name, deed, events });
  if (idle && around.connected) {
    for (const job of ['valid', 'invalid'] as const) {
      const delivery = around.deliveries[job];
      if (delivery === undefined) continue;
      add(`a job comes that is ${job}`, { does: 'send', job }, { type: 'delivery.received', delivery });
    }
    add('the worker stops', { does: 'stop' }, { type: 'stop' });
    return all;
  }
  if (awaits !== null && around.connected) {
    for (const as of ['confirmed', 'returned', 'refused'] as const) {
      add(`its ${awaits} ${answerNames[as]}`, { does: 'answer', as }, { type: answers[awaits][as] });
    }
  }
  const lost = unsettled ? [{ type: 'delivery.lost' }] : [];
  if (around.connected) {
    const reply = awaits === 'reply' ? [{ type: 'reply.lost' }] : [];
    add('the connection breaks', { does: 'cut' }, ...lost, ...reply);
  } else add('the connection is there again', { does: 'reconnect' }, { type: 'connection.opened' });
  // A broker that does not confirm a reply in time is deaf: the worker hangs up and calls again.
  const again = awaits === 'reply' && around.connected ? [...lost, { type: 'connection.opened' }] : [];
  add('its time is up', { does: 'wait' }, { type: 'deadline.passed', state: situation.state }, ...again);
  if (runs) {
    add('the step ends', { does: 'end', how: 'completed' }, { type: 'step.completed' });
    add('the step fails', { does: 'end', how: 'failed' }, { type: 'step.failed' });
    add(
      'the step fails for good',
      { does: 'end', how: 'failed for good' },
      { type: 'step.failed', final: true },
    );
    add('the step throws', { does: 'end', how: 'thrown' }, { type: 'step.failed' });
  }
  add('the job is cancelled', { does: 'cancel' }, { type: 'cancel', reason: 'as tested' });
  for (const event of around.ownEvents) add(`it is told ${event}`, { does: 'tell', event }, { type: event });
  return all;
}
