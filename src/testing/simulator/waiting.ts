// What must be so of workers when nothing is under way: while time passes, and when all has come to rest.
import type { Crew } from './crew.js';

type Watched = Pick<Crew, 'isBlocked'> & {
  readonly members: readonly {
    readonly name: string;
    readonly stopping: boolean;
    readonly worker: Pick<Crew['members'][number]['worker'], 'status'>;
  }[];
};

/** What is wrong about workers that wait for something. */
export function wrongWhileWaiting(crew: Watched): readonly string[] {
  return crew.members.flatMap(({ name, worker, stopping }) => {
    const isBlocked = crew.isBlocked(name);
    // To look at all of them at each step would be dear.
    if (!stopping && !isBlocked) return [];
    const { ready, state, lanes } = worker.status();
    const waits = state === 'draining.connected' && lanes.some((lane) => lane.state === 'replyUnknown');
    return [
      ...(ready && isBlocked ? [`${name} is ready though its broker takes nothing`] : []),
      ...(waits ? [`${name} does not send again what may not have arrived, though it could`] : []),
    ];
  });
}

/** What is wrong about workers that have nothing more to do. */
export function wrongAtRest(crew: Watched): readonly string[] {
  return crew.members.flatMap(({ name, worker }) =>
    worker
      .status()
      .lanes.filter(({ state }) => state !== 'listening')
      .map(({ state }) => `${name} is at rest with a lane in ${state}`),
  );
}
