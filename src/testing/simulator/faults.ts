// Faults, and how each is done. One that cannot happen just now says so, and is tried again at the next step.
import type { Link, LinkWay, SimulatedBroker } from '../../../adapters/memory/index.js';
import type { Message } from '../../transport.js';
import type { LaneStatus } from '../../worker/running-worker.js';
import type { TimeOf } from './clock.js';
import type { Crew, Member } from './crew.js';
import type { DoneFault, PlannedFault } from './plan.js';
import { reasonOf } from './reasons.js';

export interface FaultScene {
  readonly broker: SimulatedBroker;
  readonly crew: Crew;
  /** Of those who do the faults. */
  readonly time: TimeOf;
  readonly queue: string;
  /** The job of that correlation id as it was sent. */
  jobOf(correlationId: string): Message | undefined;
  replyQueueOf(correlationId: string): string;
  /** The broker takes no connections and no jobs, or takes them again. */
  close(): void;
  reopen(): void;
}

export interface Aim {
  readonly fault: PlannedFault;
  readonly member: Member;
  readonly lane: LaneStatus;
}

interface Fault {
  /** Whom it hits: the lane, all lanes of the worker, all lanes of all workers. */
  readonly hits: 'lane' | 'worker' | 'all';
  /** false: it cannot happen now. */
  readonly happen: (scene: FaultScene, aim: Aim) => boolean;
}

/** A broken link is noticed after two to three silent intervals of this, in milliseconds. */
const heartbeatMs = 10_000;

const seconds = (count: number) => (count + 1) * 1_000;

/** With the link of the worker, if it has one. */
const withLink =
  (happen: (link: Link, scene: FaultScene, aim: Aim) => boolean | undefined): Fault['happen'] =>
  (scene, aim) => {
    const link = scene.broker.link(aim.member.name);
    if (link === undefined || happen(link, scene, aim) === false) return false;
    scene.crew.trouble(aim.member.name);
    return true;
  };

const everybody = ({ crew }: FaultScene) => {
  for (const { name } of crew.members) crew.trouble(name);
};

const ways: readonly (readonly LinkWay[])[] = [['up'], ['down'], ['up', 'down']];
const waysOf = ({ other }: PlannedFault) => ways[other % ways.length] ?? [];

export const faults: Readonly<Record<DoneFault, Fault>> = {
  cut: {
    hits: 'worker',
    happen: withLink((link, _, { fault }) => {
      link.sever({ readCount: fault.amount, heardCount: fault.other });
    }),
  },
  drop: {
    hits: 'worker',
    happen: withLink((link, { time, crew }, { fault, member }) => {
      for (const way of waysOf(fault)) link.silence(way);
      const over = crew.hinder(member.name);
      time.setTimeout(
        () => {
          link.sever();
          over();
        },
        heartbeatMs * 2 + fault.amount * 1_000,
      );
    }),
  },
  delay: {
    hits: 'worker',
    happen: withLink((link, { time, crew }, { fault, member }) => {
      for (const way of waysOf(fault)) link.hold(way);
      const over = crew.hinder(member.name);
      time.setTimeout(() => {
        over();
        for (const way of waysOf(fault)) link.release(way);
      }, seconds(fault.amount));
    }),
  },
  duplicate: {
    hits: 'lane',
    happen: (scene, { lane }) => {
      const job = lane.correlationId === null ? undefined : scene.jobOf(lane.correlationId);
      if (job === undefined) return false;
      return scene.broker.publish(job, { redelivered: true }).length > 0;
    },
  },
  jobsChannelClosed: {
    hits: 'worker',
    happen: withLink((_, { broker }, { member: { name } }) => {
      broker.closeChannel({ name, purpose: 'jobs' });
    }),
  },
  linesChannelClosed: {
    hits: 'worker',
    happen: withLink((_, { broker }, { member: { name } }) => {
      broker.closeChannel({ name, purpose: 'lines' });
    }),
  },
  consumerCancelled: {
    hits: 'all',
    happen: ({ broker, queue }) => {
      if (broker.queue(queue)?.consumerCount === 0) return false;
      return broker.cancelConsumers(queue);
    },
  },
  brokerRestart: {
    hits: 'all',
    happen: (scene, { fault }) => {
      everybody(scene);
      scene.close();
      scene.broker.restart();
      scene.time.setTimeout(() => scene.reopen(), seconds(fault.amount));
      return true;
    },
  },
  blocked: {
    hits: 'all',
    happen: (scene, { fault, member }) => {
      if (scene.broker.link(member.name) === undefined) return false;
      const over = scene.crew.members.map(({ name }) => scene.crew.block(name));
      scene.broker.block();
      scene.time.setTimeout(() => {
        scene.broker.unblock();
        for (const each of over) each();
      }, seconds(fault.amount) * 5);
      return true;
    },
  },
  confirmLost: {
    hits: 'worker',
    happen: withLink((link) => {
      if (link.unreadReceiptCount === 0) return false;
      link.loseConfirms(1);
      return true;
    }),
  },
  publishRefused: {
    hits: 'worker',
    happen: withLink((link, { broker }, { fault, member }) => {
      if (link.unreadReceiptCount === 0) return false;
      broker.refusePublishes(1 + fault.amount, member.name);
      return true;
    }),
  },
  replyQueueGone: {
    hits: 'lane',
    happen: (scene, { lane }) =>
      lane.correlationId !== null && scene.broker.deleteQueue(scene.replyQueueOf(lane.correlationId)),
  },
  stop: {
    hits: 'worker',
    happen: ({ crew, broker }, { fault, member }) => {
      if (member.stopping) return false;
      crew.stop(member, { deadlineMs: fault.amount * 1_000 });
      if (broker.link(member.name) === undefined) crew.trouble(member.name);
      return true;
    },
  },
  cancel: {
    hits: 'lane',
    happen: ({ crew }, { member, lane }) => {
      if (lane.correlationId === null) return false;
      const answers = reasonOf('cancel', lane.state) === null;
      return crew.cancel(member, { id: lane.correlationId, answers });
    },
  },
  crash: {
    hits: 'worker',
    happen: ({ crew }, { fault, member }) => {
      crew.crash(member, { readCount: fault.amount, backAfterMs: seconds(fault.other) / 4 });
      return true;
    },
  },
};
