// A RabbitMQ of our own as a ground for faults: an operator in the node, and cables that can be pulled.
import { type Channel, type ChannelModel, connect } from 'amqplib';
import {
  type AmqpOptions,
  type BrokerAddress,
  createAmqpTransport,
  parseAmqpUrl,
} from '../../adapters/amqp/index.js';
import type { Broker } from '../../scripts/broker.js';
import type { Topology, Transport } from '../../src/transport.js';
import { type Proxy as Cable, proxy } from '../adapters/amqp/peer.js';
import type { QueueCounts } from '../adapters/harness.js';
import { type Operator, operate } from '../operator.js';
import { Engine } from '../worker/engine.js';
import { Ground, type HeldWorker, type PlayOptions } from './ground.js';

/** A node, and its operator, who comes when he is first needed. */
export class Node {
  readonly broker: Broker;
  #operator: Promise<Operator> | undefined;

  constructor(broker: Broker) {
    this.broker = broker;
  }

  operator(): Promise<Operator> {
    this.#operator ??= operate(this.broker.rabbitmqctl);
    return this.#operator;
  }

  /** He was on a node that is gone. */
  async dismiss(): Promise<void> {
    const operator = this.#operator;
    this.#operator = undefined;
    (await operator)?.end();
  }

  async stop(): Promise<void> {
    await this.dismiss();
    await this.broker.stop();
  }
}

export class RabbitMQGround extends Ground {
  readonly engine: Engine;
  readonly node: Node;
  readonly #cables: Cable[] = [];
  #admin: ChannelModel | undefined;

  private constructor(node: Node) {
    super();
    this.node = node;
    this.engine = new Engine(
      createAmqpTransport({ url: node.broker.url, name: 'engine', heartbeatSeconds: 60 }),
    );
  }

  static async open(node: Node): Promise<RabbitMQGround> {
    const ground = new RabbitMQGround(node);
    await ground.engine.open();
    return ground;
  }

  async evaluate(expression: string): Promise<string> {
    return (await this.node.operator()).evaluate(expression);
  }

  /** A variable of RabbitMQ's application. */
  async set(variable: string, erlang: string): Promise<void> {
    await (await this.node.operator()).set(variable, erlang);
  }

  connect(name: string, amqp: AmqpOptions = {}): Transport {
    const address = amqp.server ? {} : { url: this.node.broker.url };
    return createAmqpTransport({ ...address, name, closeTimeoutMs: 300, ...amqp });
  }

  /** A way to the node through a proxy, to be given as `amqp`. */
  async cable(edit?: (bytes: Buffer) => Buffer): Promise<{ cable: Cable; amqp: { server: BrokerAddress } }> {
    const address = parseAmqpUrl(this.node.broker.url);
    const cable = await proxy(new URL(`tcp://${address.host}:${address.port}`), edit);
    this.#cables.push(cable);
    return { cable, amqp: { server: { ...address, port: cable.port } } };
  }

  /** A worker that listens behind a cable of its own. */
  async playBehindCable(
    policy?: Parameters<Ground['play']>[0],
    options: PlayOptions = {},
  ): Promise<{ worker: HeldWorker; cable: Cable }> {
    const { cable, amqp } = await this.cable();
    const worker = await this.play(policy, { ...options, amqp: { ...amqp, ...options.amqp } });
    return { worker, cable };
  }

  /** A channel of an operator's client. A refusal ends it. */
  async onChannel<T>(use: (channel: Channel) => Promise<T>): Promise<T> {
    this.#admin ??= await connect(this.node.broker.url);
    this.#admin.on('error', () => {});
    const channel = await this.#admin.createChannel();
    channel.on('error', () => {});
    const result = await use(channel);
    await channel.close();
    return result;
  }

  async cut(name: string): Promise<void> {
    await (await this.node.operator()).cut(name);
  }

  async alarm(raised: boolean): Promise<void> {
    await (await this.node.operator()).alarm(raised);
  }

  async declare(topology: Topology): Promise<void> {
    await this.engine.transport.declare(topology);
  }

  async deleteQueue(name: string): Promise<void> {
    await this.onChannel((channel) => channel.deleteQueue(name));
  }

  async purge(name: string): Promise<void> {
    await this.onChannel((channel) => channel.purgeQueue(name));
  }

  async queue(name: string): Promise<QueueCounts | undefined> {
    try {
      const found = await this.onChannel((channel) => channel.checkQueue(name));
      return { readyCount: found.messageCount, consumerCount: found.consumerCount };
    } catch (error) {
      if (error instanceof Error && /NOT_FOUND/.test(error.message)) return undefined;
      throw error;
    }
  }

  protected async close(): Promise<void> {
    await this.engine.transport.close();
    await this.#admin?.close().catch(() => {});
    await Promise.all(this.#cables.map((cable) => cable.close()));
  }
}
