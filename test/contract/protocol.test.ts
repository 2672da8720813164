// The judge of the protocol: good buses pass, every promise can be seen broken.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BusEvent } from '../../src/contract/bus-event.js';
import { createProtocol, type ProtocolOptions } from '../../src/contract/protocol.js';
import { chains, delivered, faults, kinds, line, reply, seed, settled, story, woven } from './bus-story.js';
import { address } from './received.js';

function judge(events: readonly BusEvent[], options?: ProtocolOptions): readonly string[] {
  const protocol = createProtocol(options);
  for (const event of events) protocol.observe(event);
  protocol.end();
  return protocol.violations.map(({ promise, sentence }) => `${promise} ${sentence}`);
}

const started = reply(address, 'started');
const completed = reply(address, 'completed');
const failed = reply(address, 'failed');
const [given, acked] = [delivered(address, 1), settled(1, 'acknowledge')];

describe('a good bus', () => {
  it.each(kinds)('a job of kind "%s" breaks nothing', (kind) => {
    expect(judge(story(kind, address))).toEqual([]);
  });

  it('breaks nothing, however its jobs are interleaved', () => {
    fc.assert(
      fc.property(chains(), seed, (releases, seed) => {
        expect(judge(woven(releases, seed))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('breaks nothing when several jobs of one address run at a time', () => {
    const nameless = { replyTo: 'r', correlationId: null };
    const jobs = fc.array(fc.constantFrom(...kinds), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(jobs, seed, (jobs, seed) => {
        expect(
          judge(
            woven(
              jobs.map((kind) => story(kind, nameless)),
              seed,
            ),
          ),
        ).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('breaks nothing when seen through queues whose order is unknown', () => {
    const streams = (releases: readonly (readonly BusEvent[])[]) => [
      releases.flat().filter((event) => event.type === 'reply'),
      releases.flat().filter((event) => event.type === 'output' || event.type === 'notification'),
      releases
        .flat()
        .flatMap((event) => (event.type === 'delivered' ? [{ ...event, type: 'job' as const }] : [])),
    ];
    fc.assert(
      fc.property(chains(['early', 'failing', 'invalid early', 'gone', 'mute']), seed, (releases, seed) => {
        expect(judge(woven<BusEvent>(streams(releases), seed), { ordered: false })).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('may resend a final reply where confirms were lost, which is counted', () => {
    const protocol = createProtocol({ resent: 'counted' });
    for (const event of [given, acked, started, completed, completed])
      expect(protocol.observe(event)).toEqual([]);
    expect(protocol.end()).toEqual([]);
    expect(protocol.counts).toEqual({ jobs: 1, finals: 1, resent: 1 });
  });

  it('may hand back an invalid job that nobody read, where that is allowed', () => {
    const events = [delivered(address, 1, false), settled(1, 'requeue')];
    expect(judge(events)).toEqual(['I5 an invalid job went back to the queue']);
    expect(judge(events, { unread: 'allowed' })).toEqual([]);
  });

  it('leaves the engine its own notifications after a final reply', () => {
    const engine: BusEvent = { type: 'notification', correlationId: address.correlationId, appId: null };
    expect(judge([given, acked, started, completed, engine, { ...engine, appId: 'engine' }])).toEqual([]);
  });
});

describe('a bus with one fault', () => {
  it.each(Object.entries(faults))('%s: found among other jobs', (_name, spoil) => {
    let found = 0;
    fc.assert(
      fc.property(chains(), fc.nat(), fc.nat(), seed, (releases, which, place, seed) => {
        const victim = which % releases.length;
        const spoiled = spoil(releases[victim] ?? [], place);
        if (spoiled === undefined) return;
        found += 1;
        expect(judge(woven(releases.with(victim, [...spoiled]), seed))).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(50);
  });

  it('is told once', () => {
    for (const spoil of Object.values(faults)) {
      const spoiled = spoil(story('early', address), 0);
      if (spoiled !== undefined) expect(judge(spoiled)).toHaveLength(1);
    }
  });

  const table: readonly (readonly [string, readonly BusEvent[]])[] = [
    ['I1 a job got no final reply', [given, acked, started]],
    ['I1 a second final reply came: failed', [given, acked, started, completed, failed]],
    [
      'I1 the final reply completed was sent twice with one message id',
      [given, acked, started, completed, completed],
    ],
    [
      'I1 a reply is none that an engine can read',
      [given, acked, started, { ...completed, status: null } as BusEvent, completed],
    ],
    ['I1 delivery 1 was neither settled nor given back', [given, started, completed]],
    [
      'I1 a job went back to the queue after its final reply',
      [given, started, completed, settled(1, 'requeue')],
    ],
    ['I2 started came twice for one delivery', [given, acked, started, started, completed]],
    ['I2 completed came without started before it', [given, acked, completed]],
    ['I3 started came after the job had ended', [given, acked, failed, started]],
    [
      'I3 started came after the job had ended',
      [given, acked, { ...started, returned: true } as BusEvent, started],
    ],
    ['I3 failed came for a job that nobody saw', [failed]],
    ['I3 an output line came after the final reply', [given, acked, started, completed, line(address)]],
    ['I3 a notification came after the final reply', [given, acked, failed, line(address, 'notification')]],
    ['I4 delivery 1 was settled again (acknowledge), or never came', [given, acked, acked, failed]],
    [
      'I4 delivery 1 was settled on another channel than its own',
      [given, { ...acked, channel: 'b' } as BusEvent, failed],
    ],
    ['I4 delivery 1 came twice', [given, given, acked, failed, reply(address, 'failed')]],
    [
      'I5 an invalid job went back to the queue',
      [delivered(address, 1, false), failed, settled(1, 'requeue')],
    ],
    ['I5 an invalid job went back to the queue', [given, failed, settled(1, 'requeue')]],
  ];
  it.each(table)('%s', (violation, events) => {
    expect(judge(events)).toEqual([violation]);
  });

  const job: BusEvent = { type: 'job', address };
  const unordered: readonly (readonly [string, readonly BusEvent[]])[] = [
    ['I1 a job got no final reply', [started, job]],
    ['I1 a second final reply came: failed', [started, completed, failed, job]],
    ['I2 started came twice for one delivery', [started, started, completed, job]],
    ['I2 completed came without started before it', [completed, job]],
    ['I3 started came for a job that nobody saw', [started, completed]],
  ];
  it.each(unordered)('%s, also where the order between queues is unknown', (violation, events) => {
    expect(judge(events, { ordered: false })).toEqual([violation]);
  });
});
