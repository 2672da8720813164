// What must never happen, made to happen by a logger that throws inside a machine: the worker goes on where it can, and says
// so at its end.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.js';
import { type Logger, silentLogger } from '../../src/worker/logger.js';
import { holdingWorker, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage({ resent: 'counted' });
});
afterEach(() => stage.end());

/** Throws at the first line of each of these levels; `fatal` hears what the worker makes of it. */
function loggerThatThrows(levels: readonly ('info' | 'warn' | 'error')[], fatal: string[]): Logger {
  const left = new Set<string>(levels);
  const write = (level: string) => () => {
    if (left.delete(level)) throw new Error('the disk of the log is full');
  };
  const logger: Logger = {
    ...silentLogger,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: (_, message) => void fatal.push(message),
    child: () => logger,
  };
  return logger;
}

test('the machine of a lane breaks: the lane is replaced, jobs go on, the end is PROMISE_BROKEN with exit code 70', async () => {
  const { definition, held } = holdingWorker();
  const fatal: string[] = [];
  const worker = await stage.play(definition, { logger: loggerThatThrows(['info', 'error'], fatal) });
  const first = await stage.engine.send('held:Hold');
  (await held()).end();
  await first.final();
  const second = await stage.engine.send('held:Hold');
  (await held(2)).end('by the lane that replaced it');
  expect(await second.final()).toMatchObject({ data: 'by the lane that replaced it' });
  await worker.reached('listening', 2);
  const { error } = await worker.stop();
  expect(error).toMatchObject({
    code: 'PROMISE_BROKEN',
    exit: 70,
    message:
      'worker held: the machine of lane 0 broke, and the lane was replaced: the disk of the log is full',
  });
  expect(fatal).toEqual(['the machine of lane 0 broke, and the lane was replaced']);
});

test("the worker's own machine breaks: it ends with PROMISE_BROKEN, its connection closed", async () => {
  const { definition } = holdingWorker();
  const fatal: string[] = [];
  const worker = await stage.play(definition, { logger: loggerThatThrows(['warn'], fatal) });
  stage.broker.cut(worker.name);
  expect(await worker.ended).toMatchObject({ error: { code: 'PROMISE_BROKEN', exit: 70 } });
  expect(fatal).toEqual(['its machine broke']);
  expect(await worker.stop()).toEqual(await worker.ended);
  expect(worker.status()).toMatchObject({ ready: false });
});

test('its stop breaks: it is down all the same, its connection closed', async () => {
  let broken = false;
  const clock: Clock = {
    ...systemClock,
    setTimeout(run, ms) {
      if (broken) throw new Error('no timers left');
      return systemClock.setTimeout(run, ms);
    },
  };
  const fatal: string[] = [];
  const worker = await stage.play(holdingWorker().definition, {
    clock,
    logger: loggerThatThrows([], fatal),
  });
  broken = true;
  expect(await worker.stop()).toMatchObject({
    state: 'stopped',
    error: { code: 'PROMISE_BROKEN', message: 'worker held: its drain broke: no timers left' },
  });
  expect(fatal).toEqual(['its drain broke']);
  expect(stage.broker.queue('worker.held')).toMatchObject({ consumerCount: 0 });
});
