// I1 to I5 of docs/reliability.md, each for every end that a job may have and every policy, seen on the broker and not in the
// worker. I6 is held by worker/drain, I7 by bad-input, I8 by the tests of secrets.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BrokerEvent } from '../../adapters/memory/index.js';
import type { Acknowledge } from '../../machines/index.js';
import { turn } from '../adapters/bus.js';
import { Stage } from '../worker/stage.js';
import { fates, setTheScene } from './fates.js';

let stage: Stage;
let seen: BrokerEvent[];
beforeEach(() => {
  stage = new Stage({ resent: 'counted' });
  seen = [];
  stage.broker.tap((event) => void seen.push(event));
});
afterEach(() => stage.end());

const count = (queue: string) => stage.broker.queue(queue)?.readyCount ?? 0;

/** Plays a fate to its end, and forgets the stage's own probes. */
async function play(acknowledge: Acknowledge, name: string) {
  const fate = fates[name];
  if (fate === undefined) throw new Error(`no fate ${name}`);
  const scene = await setTheScene(stage, acknowledge);
  const job = await fate.play(scene);
  if (fate.in === 'the dead letters') stage.untold.add(job.correlationId);
  await scene.worker.stop();
  await stage.broker.idle();
  await turn();
  const { correlationId } = job;
  const of = (event: BrokerEvent) => event.message.properties.correlationId === correlationId;
  return { fate, scene, job, mine: seen.filter(of) };
}

const repliesOf = (events: readonly BrokerEvent[]) =>
  events.flatMap((event) => {
    if (
      event.type !== 'published' ||
      event.message.exchange !== '' ||
      event.message.routingKey === 'graveyard'
    )
      return [];
    const { status } = JSON.parse(Buffer.from(event.message.body).toString()) as { status: string };
    return [{ event, status, messageId: event.message.properties.messageId }];
  });

describe.each(['received', 'verified', 'settled'] as const)('acknowledge: %s, a job that', (acknowledge) => {
  describe.each(Object.keys(fates))('%s', (name) => {
    it('I1 gets exactly one final reply, or is in the queue or among the dead letters', async () => {
      const { fate, job } = await play(acknowledge, name);
      expect(job.statuses).toEqual(acknowledge === 'settled' ? (fate.late ?? fate.hears) : fate.hears);
      expect(count('worker.held')).toBe(fate.in === 'the queue' ? 1 : 0);
      expect(count('graveyard')).toBe(fate.in === 'the dead letters' ? 1 : 0);
      const finals = job.statuses.filter((status) => status !== 'started').length;
      expect(finals === 1 || fate.in !== undefined).toBe(true);
    });

    it('I2 is told `started` once per delivery at most, and before its final reply', async () => {
      const { mine } = await play(acknowledge, name);
      const deliveries = mine.filter(({ type }) => type === 'delivered').length;
      const replies = repliesOf(mine);
      const started = replies.filter(({ status }) => status === 'started');
      expect(started.length).toBeLessThanOrEqual(deliveries);
      expect(new Set(started.map(({ messageId }) => messageId)).size).toBe(started.length);
      const completed = replies.findIndex(({ status }) => status === 'completed');
      expect(completed < 0 || replies[completed - 1]?.status === 'started').toBe(true);
    });

    it('I4 is settled once per delivery, on the connection that it came over', async () => {
      const { mine, fate } = await play(acknowledge, name);
      const connections = new Map<number, string>();
      for (const event of mine)
        if (event.type === 'delivered') connections.set(event.delivery, event.connection);
      const settled = mine.filter((event) => event.type === 'settled');
      expect(connections.size > 0 || fate.in === 'the queue').toBe(true);
      expect(settled.map(({ delivery }) => delivery).sort()).toEqual([...connections.keys()].sort());
      for (const { delivery, connection } of settled) expect(connection).toBe(connections.get(delivery));
    });
  });

  it('I3 has ended is not spoken of any more, whatever its step still says and returns', async () => {
    const scene = await setTheScene(stage, acknowledge);
    const job = await scene.send();
    const { context, end } = await scene.step(1);
    context.output.info('before');
    scene.worker.cancel(job.correlationId, 'enough');
    await job.final();
    await scene.worker.reached('listening');
    await stage.broker.idle();
    const from = seen.length;
    context.output.info('after');
    end('too late');
    const next = await scene.send();
    (await scene.step(2)).end('of the next');
    expect(await next.final()).toMatchObject({ status: 'completed', data: 'of the next' });
    await stage.broker.idle();
    const later = seen
      .slice(from)
      .filter(({ message }) => message.properties.correlationId === job.correlationId);
    expect(later.filter(({ type }) => type === 'published')).toEqual([]);
    expect(stage.engine.lines.all.join()).toContain('before');
    expect(stage.engine.lines.all.join()).not.toContain('after');
  });

  it('I5 is invalid never goes back by the worker, also when its channel ends before it is settled', async () => {
    const scene = await setTheScene(stage, acknowledge);
    const taken = stage.withhold('failed');
    const job = await scene.send({ parameters: { many: 'no number' } });
    await taken;
    stage.broker.cut(scene.worker.name);
    await scene.worker.reached('reconnecting');
    stage.release();
    await scene.worker.reached('deadLettering');
    await job.final();
    await scene.worker.stop();
    await stage.broker.idle();
    expect(seen.filter((event) => event.type === 'settled' && event.how === 'requeue')).toEqual([]);
    expect(count('worker.held')).toBe(0);
  });
});
