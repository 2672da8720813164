// Everything that leaves the process of a worker that tells a text wherever it can, by the door it takes.
import { inspect } from 'node:util';
import { createStatelyInspector } from '../../src/inspector/index.js';
import { createLogger } from '../../src/worker/default-logger.js';
import { mistakes } from './secret-mistakes.js';
import { teller, waysToThrow } from './secret-teller.js';
import { Stage } from './stage.js';

export const doors = [
  'reply',
  'line',
  'notification',
  'dead letter',
  'log',
  'frame',
  'transition',
  'status',
  'error',
] as const;
export type Door = (typeof doors)[number];

export interface Leaving {
  readonly door: Door;
  readonly text: string;
}

/** A value as it is printed, and as it is sent. */
const texts = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value] : [inspect(value, { depth: 20 }), JSON.stringify(value) ?? ''];

export interface Plant {
  /** What the worker tells. */
  readonly tell: string;
  /** What every job carries. */
  readonly planted: string;
  /** What one job is called. */
  readonly id: string;
}

export async function play({ tell, planted, id }: Plant): Promise<readonly Leaving[]> {
  const left: Leaving[] = [];
  const leave = (door: Door, ...values: readonly unknown[]) => {
    for (const text of values.flatMap(texts)) left.push({ door, text });
  };
  const stage = new Stage();
  stage.broker.tap((event) => {
    if (event.type !== 'published' || event.connection === 'engine') return;
    const { exchange, routingKey, body, properties } = event.message;
    // What a dead letter was before it was one came over the bus itself.
    if (routingKey === 'graves') {
      const own = Object.entries(properties.headers ?? {}).filter(([key]) => key.startsWith('x-needful-'));
      return leave('dead letter', own);
    }
    const door = exchange === '' ? 'reply' : routingKey === 'output' ? 'line' : 'notification';
    // An address is given back as it came: whoever waits would not know its job by another.
    const { correlationId, ...rest } = properties;
    leave(door, ...(door === 'reply' ? [] : [routingKey]), rest, Buffer.from(body).toString());
  });
  const worker = stage.worker(teller(tell), {
    deadLetter: { exchange: '', routingKey: 'graves' },
    logger: createLogger('debug', { write: (line) => leave('log', line) }),
    inspect: createStatelyInspector({ send: (frame) => leave('frame', frame), reveal: ({ value }) => value }),
  });
  worker.subscribe((transition) => leave('transition', transition));
  await stage.engine.open();
  await stage.engine.transport.declare({
    exchanges: [],
    queues: [{ name: 'graves', durable: true }],
    bindings: [],
  });
  await worker.start();

  const job = {
    parameters: { planted, [planted]: { deep: [planted] }, value: planted },
    dynamic: { [planted]: planted },
    hosts: [planted],
    group: planted,
    notify: { completed: { irc: [planted] }, failed: { irc: planted } },
  };
  const send = async (step: string, parameters: Record<string, unknown> = {}) => {
    const sent = await stage.engine.send(`teller:${step}`, {
      ...job,
      parameters: { ...job.parameters, ...parameters },
    });
    await sent.final();
  };
  for (const step of ['Say', 'Text', 'Fail', 'Wrong', 'Strict', 'Machine']) await send(step);
  for (const how of waysToThrow) await send('Throw', { how });

  // Whoever waits for this one goes away before it is cancelled: it becomes a dead letter.
  const asker = stage.broker.connect();
  await asker.open();
  const asked = await asker.declare({
    exchanges: [],
    queues: [{ name: '', durable: false, exclusive: true }],
    bindings: [],
  });
  const replyTo = asked.queues[0]?.name ?? '';
  stage.untold.add(id);
  await stage.engine.send(`teller:Hold ${planted}`, { ...job, replyTo, correlationId: id });
  await worker.transitions.first(1, ({ to, step }) => to === 'doingTheNeedful' && /^Hold/.test(step ?? ''));
  leave('status', worker.status());
  await asker.close();
  worker.cancel(id, `because of ${tell}.`);
  await worker.transitions.first(1, ({ to, step }) => to === 'listening' && /^Hold/.test(step ?? ''));

  for (const error of await mistakes(tell, worker)) {
    leave('error', error);
    if (error instanceof Error) leave('error', error.message, error.stack ?? '');
  }
  leave('status', await worker.stop());
  await stage.end();
  return left;
}
