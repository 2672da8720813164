// The embedded broker as a ground for faults: the judge of the protocol looks on.
import type { Topology, Transport } from '../../src/transport.js';
import type { QueueCounts } from '../adapters/harness.js';
import type { Engine, SentJob } from '../worker/engine.js';
import { Stage } from '../worker/stage.js';
import { Ground } from './ground.js';

export class EmbeddedGround extends Ground {
  readonly stage = new Stage({ resent: 'counted' });
  readonly broker = this.stage.broker;

  static async open(): Promise<EmbeddedGround> {
    const ground = new EmbeddedGround();
    await ground.engine.open({ lines: true });
    return ground;
  }

  get engine(): Engine {
    return this.stage.engine;
  }

  connect(name: string): Transport {
    return this.broker.connect({ name });
  }

  async cut(name: string): Promise<void> {
    this.broker.cut(name);
  }

  async alarm(raised: boolean): Promise<void> {
    if (raised) this.broker.block();
    else this.broker.unblock();
  }

  async declare(topology: Topology): Promise<void> {
    this.broker.declare(topology);
  }

  async deleteQueue(name: string): Promise<void> {
    this.broker.deleteQueue(name);
  }

  async purge(name: string): Promise<void> {
    this.broker.purgeQueue(name);
  }

  async queue(name: string): Promise<QueueCounts | undefined> {
    await this.broker.idle();
    return this.broker.queue(name);
  }

  override untold({ correlationId }: SentJob): void {
    this.stage.untold.add(correlationId);
  }

  protected close(): Promise<void> {
    return this.stage.end();
  }
}
