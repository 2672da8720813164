import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import { playRelease } from '../../src/release/play.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { silentLogger } from '../../src/worker/logger.js';
import noop from '../../workers/noop.js';
import sleep from '../../workers/sleep.js';
import { completed, started } from '../client/foreign-worker.js';
import { createStage, playbookOf, told } from './stage.js';

const two = 'group: g\nexecution:\n- { hosts: [h1, h2], steps: [a:X, b:Y] }\n';

describe('a release', () => {
  it('goes host by host, step by step, each job after the final reply to the one before', async () => {
    const { worker, play, published } = createStage();
    const a = await worker('a', () => [started, { body: { status: 'completed', data: { n: 1 } } }]);
    const b = await worker('b');
    const { events, ended } = play(two);
    const summary = await ended;
    expect(told(events)).toEqual([
      'release.started',
      ...['a:X@h1', 'b:Y@h1', 'a:X@h2', 'b:Y@h2'].flatMap((step) => [
        `step.dispatched ${step}`,
        `step.started ${step}`,
        `step.completed ${step}`,
      ]),
      'release.ended',
    ]);
    expect(summary).toMatchObject({ group: 'g', outcome: 'completed', warnings: [] });
    expect(summary.release).toMatch(/^[0-9a-f]{24}$/);
    expect(summary.steps.map(({ outcome, data }) => [outcome, data])).toEqual([
      ['completed', { n: 1 }],
      ['completed', undefined],
      ['completed', { n: 1 }],
      ['completed', undefined],
    ]);
    expect(events.at(-1)).toMatchObject({ summary });
    const jobs = [...a.jobs, ...b.jobs];
    expect(new Set(jobs.map(({ properties }) => properties.correlationId))).toEqual(
      new Set([summary.release]),
    );
    expect(new Set(jobs.map(({ properties }) => properties.replyTo)).size).toBe(1);
    const order = published.map(({ exchange, routingKey }) => (exchange === 're' ? routingKey : 'reply'));
    const job = (key: string) => [key, 'reply', 'reply'];
    expect(order).toEqual([...job('worker.a'), ...job('worker.b'), ...job('worker.a'), ...job('worker.b')]);
  });

  it('skips the rest after a failed step, with what its worker said', async () => {
    const { worker, play } = createStage();
    await worker('a');
    const data = { code: 'PARAMETERS_INVALID', message: 'seconds: expected a number', issues: [] };
    await worker('b', () => [{ body: { status: 'failed', data } }]);
    const { events, ended } = play(two);
    const summary = await ended;
    expect(told(events).slice(4)).toEqual([
      'step.dispatched b:Y@h1',
      'step.failed b:Y@h1 PARAMETERS_INVALID',
      'step.skipped a:X@h2',
      'step.skipped b:Y@h2',
      'release.ended',
    ]);
    expect(summary.outcome).toBe('failed');
    expect(summary.steps.map(({ outcome }) => outcome)).toEqual([
      'completed',
      'failed',
      'skipped',
      'skipped',
    ]);
    expect(summary.steps[1]).toMatchObject({ data, problem: data, startedAt: 0, endedAt: 0 });
    expect(summary.steps[2]).toMatchObject({ startedAt: null, endedAt: null });
  });

  it('sends nothing while dynamic values are missing', async () => {
    const { worker, play, published } = createStage();
    await worker('a');
    const text = 'group: g\nexecution:\n- hosts: [h]\n  steps:\n  - a:X: { dynamic: [cart] }\n';
    await expect(play(text).ended).rejects.toMatchObject({ code: 'DYNAMIC_MISSING' });
    expect(published).toEqual([]);
    const summary = await play(text, { dynamic: { cart: 'bitmath', more: 1 } }).ended;
    expect(summary.outcome).toBe('completed');
    const body = JSON.parse(new TextDecoder().decode(published[0]?.body));
    expect(body).toEqual({
      group: 'g',
      parameters: { command: 'a', subcommand: 'X', hosts: ['h'], dynamic: ['cart'] },
      dynamic: { cart: 'bitmath', more: 1 },
      notify: {},
    });
  });

  it('tells those whom a step lists, phase by phase, as the original engine does', async () => {
    const { worker, play, published } = createStage();
    await worker('noop');
    const text = [
      'group: inception',
      'execution:',
      '- hosts: [a.example.com]',
      '  steps:',
      '  - noop:Argument:',
      '      colour: blue',
      '      n: 3',
      '      notify:',
      '        started: { irc: ["#team", PHB] }',
      '        completed: { irc: ["#team"], email: [x@example.com] }',
      '        failed: { irc: ["#team"] }',
    ].join('\n');
    const { release } = await play(text).ended;
    const golden = JSON.parse(await readFile('test/golden-messages.json', 'utf8')).messages;
    const seen = published.filter(({ routingKey }) => routingKey.startsWith('notify.'));
    expect(seen.map(({ routingKey }) => routingKey)).toEqual(['notify.irc', 'notify.irc', 'notify.email']);
    for (const [index, phase] of [
      [0, 'started'],
      [1, 'completed'],
    ] as const) {
      const [original] = golden[`notification of re-core for a step (${phase})`];
      const message = seen[index];
      if (message === undefined) throw new Error(`no ${phase}`);
      const { contentType: _, ...properties } = message.properties;
      expect(message.exchange).toBe(original.exchange);
      expect(message.routingKey).toBe(original.routing_key);
      expect(properties).toEqual({ replyTo: original.properties.reply_to, correlationId: release });
      const body = JSON.parse(new TextDecoder().decode(message.body));
      expect(Object.keys(body).sort()).toEqual(Object.keys(original.body).sort());
      expect([body.phase, body.target]).toEqual([original.body.phase, original.body.target]);
      expect(body.slug).toBe(body.message.slice(0, 80));
      expect(spoken(body.message)).toEqual(spoken(asJson(original.body.message)));
    }
  });

  it('tells of a failed step too, with the problem where no worker sent data', async () => {
    const { worker, play, published } = createStage();
    await worker('a', () => [{ text: 'no' }]);
    const text =
      'group: g\nexecution:\n- hosts: [h]\n  steps:\n  - a:X: { notify: { failed: { irc: "#t" }, done: { irc: [x] } } }\n';
    const { warnings } = await play(text, { notificationExchange: '' }).ended;
    const seen = published.filter(({ routingKey }) => routingKey.startsWith('notify.'));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.exchange).toBe('');
    const body = JSON.parse(new TextDecoder().decode(seen[0]?.body));
    expect(body).toMatchObject({ phase: 'failed', target: '#t' });
    expect(body.message).toMatch(
      /^Failed step: .* with status: \{"status":"failed","data":\{"code":"REPLY_MALFORMED"/,
    );
    expect(warnings).toEqual(['p.yaml:5: the engine has no phase `done` to notify of']);
  });

  it('shows output lines at the step under way, and those that come after the last one', async () => {
    const { worker, play, clock, broker } = createStage();
    const a = await worker('a', () => []);
    const { events, ended } = play('group: g\nexecution: [{ hosts: [h], steps: [a:X] }]', { lingerMs: 100 });
    const job = await a.job(0);
    a.answer(job, started, { line: 'working' });
    await broker.idle();
    a.answer(job, completed);
    await broker.idle();
    a.answer(job, { line: { odd: true } });
    a.answer({ ...job, properties: { ...job.properties, correlationId: 'another' } }, { line: 'not ours' });
    await broker.idle();
    clock.increment(100);
    await ended;
    expect(told(events).filter((line) => line.startsWith('output'))).toEqual([
      'output a:X@h: working',
      'output a:X@h: {"odd":true}',
    ]);
  });

  it('warns when the broker refuses it the output lines', async () => {
    const { play, published } = createStage();
    const { ended } = play('group: g\nexecution: [{ hosts: [h], steps: [a:X] }]');
    const summary = await ended;
    expect(summary.warnings).toEqual([expect.stringMatching(/^output lines are not heard: /)]);
    expect(summary.steps[0]?.problem?.code).toBe('EXCHANGE_MISSING');
    expect(published).toHaveLength(0);
  });

  it('plays a thousand steps, where the original breaks at 330', async () => {
    const { worker, play } = createStage();
    await worker('a');
    const hosts = Array.from({ length: 1_000 }, (_, n) => `h${n}`).join(', ');
    const { outcome, steps } = await play(`group: g\nexecution: [{ hosts: [${hosts}], steps: [a:X] }]`).ended;
    expect(outcome).toBe('completed');
    expect(steps.filter((step) => step.outcome === 'completed')).toHaveLength(1_000);
  });

  it('goes on when whoever watches throws', async () => {
    const { worker, play } = createStage();
    await worker('a');
    await worker('b');
    const onEvent = () => {
      throw new Error('mine');
    };
    expect((await play(two, { onEvent }).ended).outcome).toBe('completed');
  });

  it('leaves no queue behind on a transport that stays open', async () => {
    const { worker, play, broker } = createStage();
    const a = await worker('a');
    await worker('b');
    const transport = broker.connect();
    await transport.open();
    await play(two, { transport }).ended;
    await broker.idle();
    expect(transport.status.phase).toBe('open');
    expect(broker.queue(a.jobs[0]?.properties.replyTo ?? '')).toBeUndefined();
    await transport.close();
  });
});

describe('a release that cannot go on', () => {
  it('fails a step that nobody starts, and one that nobody finishes', async () => {
    for (const [answers, waitMs] of [
      [[], 60_000],
      [[started], 3_600_000],
    ] as const) {
      const { worker, play, clock, broker } = createStage();
      const a = await worker('a', () => answers);
      const { ended } = play(two);
      await a.job(0);
      await broker.idle();
      clock.increment(waitMs - 1);
      await broker.idle();
      clock.increment(1);
      const { steps } = await ended;
      expect(steps[0]?.problem?.code).toBe('REPLY_DEADLINE_PASSED');
      expect(steps[0]?.endedAt).toBe(waitMs);
      expect(steps.slice(1).map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'skipped']);
    }
  });

  it('waits anew after each reply, by the deadline given', async () => {
    const { worker, play, clock, broker } = createStage();
    const a = await worker('a', () => []);
    const { ended } = play('group: g\nexecution: [{ hosts: [h], steps: [a:X] }]', { deadlineMs: 100 });
    const job = await a.job(0);
    for (let n = 0; n < 3; n++) {
      clock.increment(99);
      a.answer(job, started);
      await broker.idle();
    }
    a.answer(job, completed);
    const summary = await ended;
    expect(summary.outcome).toBe('completed');
    expect(summary.warnings).toHaveLength(2);
  });

  it('fails when the connection is cut under way', async () => {
    const { worker, play, broker } = createStage();
    const a = await worker('a', () => [started]);
    const { ended } = play(two);
    await a.job(0);
    await broker.idle();
    broker.cut('engine');
    const { outcome, steps } = await ended;
    expect(outcome).toBe('failed');
    expect(steps[0]?.problem?.code).toBe('CONNECTION_LOST');
  });

  it('ends at an abort, the step under way failed, the rest skipped', async () => {
    const { worker, play, broker } = createStage();
    const a = await worker('a', () => [started]);
    const abort = new AbortController();
    const { ended } = play(two, { signal: abort.signal });
    await a.job(0);
    await broker.idle();
    abort.abort();
    const { outcome, steps } = await ended;
    expect(outcome).toBe('failed');
    expect(steps.map((step) => step.outcome)).toEqual(['failed', 'skipped', 'skipped', 'skipped']);
    expect(steps[0]?.problem?.code).toBe('CANCELLED');
  });

  it('sends nothing when it is aborted before its begin', async () => {
    const { play, published } = createStage();
    const { outcome, steps } = await play(two, { signal: AbortSignal.abort() }).ended;
    expect(outcome).toBe('failed');
    expect(steps.every((step) => step.outcome === 'skipped')).toBe(true);
    expect(published).toEqual([]);
  });

  it('rejects with the transport’s words when no broker is there', async () => {
    const { play, broker } = createStage();
    broker.refuse();
    await expect(play(two).ended).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });

  it('rejects when the broker does not answer in time', async () => {
    const { play, broker, clock } = createStage();
    const transport = Object.create(broker.connect(), { open: { value: () => new Promise(() => {}) } });
    Object.defineProperty(transport, 'status', { value: { phase: 'closed', epoch: 0 } });
    Object.defineProperty(transport, 'close', { value: async () => {} });
    const { ended } = play(two, { transport });
    clock.increment(30_000);
    await expect(ended).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });

  it('refuses a deadline that is none', async () => {
    const { play } = createStage();
    await expect(play(two, { deadlineMs: 0 }).ended).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});

describe('examples/release-failing.yaml', () => {
  it('shows invalid parameters, the step that fails with them and the skipped rest', async () => {
    const broker = createMemoryBroker();
    const workers = [noop, sleep].map((definition) =>
      createWorker(definition, { transport: broker.connect(), logger: silentLogger }),
    );
    await Promise.all(workers.map((worker) => worker.start()));
    const text = await readFile('examples/release-failing.yaml', 'utf8');
    const summary = await playRelease({
      transport: broker.connect(),
      playbook: playbookOf(text.replace('seconds: 0.5', 'seconds: 0')),
      lingerMs: 0,
    });
    expect(summary.steps.map(({ outcome }) => outcome)).toEqual([
      ...['completed', 'completed', 'failed'],
      ...Array.from({ length: 6 }, () => 'skipped'),
    ]);
    expect(summary.steps[2]?.problem).toMatchObject({
      code: 'PARAMETERS_INVALID',
      issues: [{ path: ['seconds'] }],
    });
    await Promise.all(workers.map((worker) => worker.stop()));
  });
});

/** `Completed step: {…} with status: {…}` as a verb and values, whose order does not count. */
function spoken(message: string): unknown {
  const [, verb, step, reply] = /^(\w+) step: (.*?)(?: with status: (.*))?$/.exec(message) ?? [];
  return [verb, JSON.parse(step ?? ''), reply === undefined ? null : JSON.parse(reply)];
}

/** A Python repr of texts and numbers as JSON. */
function asJson(repr: string): string {
  return repr.replace(/u?'([^']*)'/g, '"$1"');
}
