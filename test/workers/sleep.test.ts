// The ready-made worker sleep: which seconds it takes, and what it says.
import { describe, expect, it } from 'vitest';
import sleep from '../../workers/sleep.js';
import { endAfterEach, jobText, oddValues, play, verdict } from './verdict.js';

endAfterEach();

const taken: Readonly<Record<string, number>> = {
  '0': 0,
  '-0': 0,
  '1': 1,
  '1.5': 1.5,
  '"1"': 1,
  '" +1.5e1 "': 15,
  '".5"': 0.5,
  '2147483': 2_147_483,
  '"2147483"': 2_147_483,
};
const refused = oddValues.filter((value) => !(value in taken));

describe('sleep', () => {
  it.each(Object.entries(taken))('takes %s seconds', (text, seconds) => {
    const { code, parameters } = verdict(sleep, jobText({ seconds: text, subcommand: '"Seconds"' }));
    expect({ code, parameters }).toEqual({ code: 'valid', parameters: { seconds } });
  });

  it.each([...refused, '2147483.5', '"-1"'].map((value) => [value.slice(0, 30), value]))(
    'refuses %s seconds',
    (_short, value) => {
      const { code, message } = verdict(sleep, jobText({ seconds: value, subcommand: '"Seconds"' }));
      expect(code).toBe('PARAMETERS_INVALID');
      expect(message).toMatch(/seconds: /);
    },
  );

  it('refuses to sleep without being told how long', () => {
    expect(verdict(sleep, jobText({ minutes: '1' })).code).toBe('PARAMETERS_INVALID');
    expect(verdict(sleep, '{}').code).toBe('JOB_MALFORMED');
  });

  it.each(['Seconds', 'seconds', 'Anything', '', undefined])(
    'sleeps for the step %j and answers with the seconds',
    async (subcommand) => {
      const { job, end } = await play(sleep);
      await job({ subcommand, seconds: '0.001' });
      expect(await end()).toEqual({
        replies: [{ status: 'started' }, { status: 'completed', data: 0.001 }],
        lines: ['Executing sleep(0.001) ...', 'Sleeping for 0.001 seconds'],
        notes: [
          [
            'completed',
            'SleepWorker Executed Successfully',
            'SleepWorker successfully executed sleep(0.001). See logs.',
          ],
        ],
      });
    },
  );

  it('wakes up when the worker is stopped, and says that it was cancelled', async () => {
    const { job, end, worker, bus } = await play(sleep);
    await job({ seconds: 2_147_483 });
    await bus.heard.since(0, (all) => all.some(({ body }) => Buffer.from(body).includes('Sleeping')));
    await worker.stop({ deadlineMs: 0 });
    const { replies } = await end();
    expect(replies).toMatchObject([{ status: 'started' }, { status: 'failed', data: { code: 'CANCELLED' } }]);
  });

  it('tells those who wait for failures that a job was refused', async () => {
    const { job, end } = await play(sleep);
    await job({ seconds: null });
    const { replies, lines, notes } = await end();
    const message = expect.stringMatching(/seconds: /);
    expect(replies).toEqual([
      { status: 'failed', data: expect.objectContaining({ code: 'PARAMETERS_INVALID', message }) },
    ]);
    expect(lines).toEqual([expect.stringMatching(/^PARAMETERS_INVALID: .*seconds: /)]);
    expect(notes).toEqual([['failed', 'SleepWorker Failed', message]]);
  });
});
