// How a fault is told: a story on a ground, named by the catalogue, on RabbitMQ and on the embedded broker.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { describePrivateRabbitMQ } from '../private-rabbitmq.js';
import { type FaultId, faults } from './catalogue.js';
import { EmbeddedGround } from './embedded-ground.js';
import type { Ground } from './ground.js';
import { type Node, RabbitMQGround, takeOver } from './rabbitmq-ground.js';

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

async function tell<G extends Ground>(
  ground: Promise<G>,
  story: (ground: G) => Promise<void>,
): Promise<void> {
  const opened = await ground;
  try {
    await story(opened);
  } finally {
    await opened.end();
  }
}

/** Registers the stories as tests, on a node for this file alone. */
export function tellStories(name: string, stories: readonly Story[]): void {
  describe(`${name}, on the embedded broker`, () => {
    for (const story of stories) {
      const { onEmbedded: run } = story;
      if (run) test(title(story), () => tell(EmbeddedGround.open(), run));
    }
  });
  describePrivateRabbitMQ(`${name}, on RabbitMQ`, (start) => {
    let node: Node;
    beforeAll(async () => {
      node = await takeOver(await start());
    });
    afterAll(async () => {
      node?.operator.end();
      await node?.broker.stop();
    });
    for (const story of [...stories].sort((a, b) => Number(a.alone) - Number(b.alone))) {
      const { onRabbitMQ: run } = story;
      if (!run) continue;
      const register = story.alone ? test : test.concurrent;
      register(title(story), () => tell(RabbitMQGround.open(node), run));
    }
  });
}
