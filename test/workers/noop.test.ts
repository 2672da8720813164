// The ready-made worker noop: takes everything, says what it got, and fails for one name only.
import { describe, expect, it } from 'vitest';
import noop from '../../workers/noop.js';
import { endAfterEach, jobText, oddValues, play, verdict } from './verdict.js';

endAfterEach();

describe('noop', () => {
  it.each(oddValues.map((value) => [value.slice(0, 30), value]))(
    'takes %s as a parameter',
    (_short, value) => {
      expect(verdict(noop, jobText({ x: value, subcommand: '"First"' })).code).toBe('valid');
    },
  );

  it.each(oddValues.map((value) => [value.slice(0, 30), value]))(
    'takes %s as a step if it is text',
    (_short, value) => {
      const expected = value.startsWith('"') || value === 'null' ? 'valid' : 'JOB_MALFORMED';
      expect(verdict(noop, jobText({ subcommand: value })).code).toBe(expected);
    },
  );

  it('fails for the step Fail, spelled exactly so, and shows the job', async () => {
    const { job, end } = await play(noop);
    await job({ subcommand: 'Fail', x: [null, 'é'] });
    const { replies, lines, notes } = await end();
    expect(replies).toEqual([{ status: 'started' }, { status: 'failed' }]);
    expect(lines).toEqual([
      'Starting now',
      expect.stringMatching(/^noop error - \{"parameters":.*\[null,"é"\]/),
    ]);
    expect(notes).toEqual([
      ['started', 'Subject', 'Message'],
      ['failed', 'Noop Worker Failed', lines[1]],
    ]);
  });

  it.each(['fail', 'FAIL', ' Fail', 'Fail ', 'Fail:x', '', undefined])(
    'completes for the step %j',
    async (subcommand) => {
      const { job, end } = await play(noop);
      await job({ subcommand });
      const { replies, lines, notes } = await end();
      expect(replies).toEqual([{ status: 'started' }, { status: 'completed' }]);
      expect(lines).toEqual([
        'Starting now',
        expect.stringMatching(/^NOOP worker succeeded - \{"parameters":/),
      ]);
      expect(notes[1]).toEqual([
        'completed',
        'Noopworker success',
        lines[1]?.replace('NOOP worker succeeded - ', ''),
      ]);
    },
  );
});
