// How a fault is told: a story on a ground, named by the catalogue, on RabbitMQ and on the embedded broker.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describePrivateRabbitMQ } from '../private-rabbitmq.js';
import { type FaultId, faults } from './catalogue.js';
import { EmbeddedGround } from './embedded-ground.js';
import type { Ground } from './ground.js';
import { Node, RabbitMQGround } from './rabbitmq-ground.js';

export interface Story {
  readonly fault: FaultId;
  /** What the worker does, in the present tense. */
  readonly does: string;
  /** Harms the node, or blocks this process: no other story is told meanwhile. */
  readonly alone: boolean;
  readonly onEmbedded?: (ground: EmbeddedGround) => Promise<void>;
  readonly onRabbitMQ?: (ground: RabbitMQGround) => Promise<void>;
}

type Tell<G> = (fault: FaultId, does: string, story: (ground: G) => Promise<void>) => Story;

/** The same story on both. */
export const onBoth: Tell<Ground> = (fault, does, story) => ({
  fault,
  does,
  alone: false,
  onEmbedded: story,
  onRabbitMQ: story,
});
export const onRabbitMQ: Tell<RabbitMQGround> = (fault, does, story) => ({
  fault,
  does,
  alone: false,
  onRabbitMQ: story,
});
export const onEmbedded: Tell<EmbeddedGround> = (fault, does, story) => ({
  fault,
  does,
  alone: false,
  onEmbedded: story,
});
export const alone = (story: Story): Story => ({ ...story, alone: true });

const title = ({ fault, does }: Story) => `${fault} ${faults[fault].cause}: ${does}`;

/** What was seen of the faults on one broker. */
class Telling {
  readonly #states = new Map<FaultId, { toldCount: number; seen: Set<string> }>();

  async tell<G extends Ground>(
    fault: FaultId,
    { ground, story }: { ground: Promise<G>; story: (ground: G) => Promise<void> },
  ): Promise<void> {
    const opened = await ground;
    try {
      await story(opened);
    } finally {
      await opened.end();
    }
    const { toldCount = 0, seen = new Set<string>() } = this.#states.get(fault) ?? {};
    for (const state of opened.statesSeen()) seen.add(state);
    this.#states.set(fault, { toldCount: toldCount + 1, seen });
  }

  /** Of the faults whose stories were all told: the states of the catalogue that nobody was in. */
  missing(stories: readonly Story[]): readonly string[] {
    return [...this.#states].flatMap(([id, { toldCount, seen }]) => {
      const { worker, job } = faults[id];
      if (toldCount < stories.filter(({ fault }) => fault === id).length) return [];
      const named = [worker && `worker ${worker}`, job && `job ${job}`].filter((state) => state !== null);
      return named.filter((state) => !seen.has(state)).map((state) => `${id} ${state}`);
    });
  }
}

const answered = 'each fault is answered in the states that the catalogue names';

/** A broker that starts anew on a busy machine takes its time. */
const timeoutMs = 60_000;

/** Registers the stories as tests, on a node for this file alone. */
export function tellStories(name: string, stories: readonly Story[]): void {
  describe(`${name}, on the embedded broker`, () => {
    const record = new Telling();
    const told = stories.filter(({ onEmbedded }) => onEmbedded);
    for (const story of told) {
      const { fault, onEmbedded: run } = story;
      if (run) test(title(story), () => record.tell(fault, { ground: EmbeddedGround.open(), story: run }));
    }
    test(answered, () => expect(record.missing(told)).toEqual([]));
  });
  describePrivateRabbitMQ(`${name}, on RabbitMQ`, (start) => {
    let node: Node;
    beforeAll(async () => {
      node = new Node(await start());
    });
    afterAll(async () => {
      await node?.stop();
    });
    const record = new Telling();
    const told = stories.filter(({ onRabbitMQ }) => onRabbitMQ);
    for (const story of told.sort((a, b) => Number(a.alone) - Number(b.alone))) {
      const { fault, onRabbitMQ: run } = story;
      const register = story.alone ? test : test.concurrent;
      if (run)
        register(
          title(story),
          () => record.tell(fault, { ground: RabbitMQGround.open(node), story: run }),
          timeoutMs,
        );
    }
    test(answered, () => expect(record.missing(told)).toEqual([]));
  });
}
