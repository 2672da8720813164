import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { build, endAll, file, json, needful, start } from './needful.js';

beforeAll(build);
afterEach(endAll);

describe('send', () => {
  test('shows lane, replies and output, and the data of a completed job, with exit code 0', async () => {
    const { code, stdout, stderr } = await needful([
      'send',
      'sleep:Seconds',
      '--param',
      'seconds=0.01',
      '--with',
      'sleep',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const shown of [
      /^sleep:Seconds sent to memory, correlation id [0-9a-f]{24}$/m,
      /lane +doingTheNeedful/,
      /reply +started/,
      /output +Executing sleep\(0\.01\)/,
      /reply +completed/,
    ]) {
      expect(stdout).toMatch(shown);
    }
    expect(stdout).toMatch(/completed in .+, data:\n0\.01\n$/);
  });

  test('a failed job is exit code 1', async () => {
    const { code, stdout } = await needful(['send', 'noop:Fail', '--with', 'noop']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/failed in .+, no data\n$/);
  });

  test('invalid parameters are exit code 1, and what is wrong with them', async () => {
    const { code, stdout } = await needful([
      'send',
      'sleep:Seconds',
      '--param',
      'seconds=soon',
      '--with',
      'sleep',
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^failed in .*, PARAMETERS_INVALID:\n {2}seconds: expected a finite number or a decimal numeral in a string\n$/m,
    );
    expect(stdout).not.toMatch(/reply +started/);
  });

  test('a misspelt parameter is named beside the one that is missing', async () => {
    const { code, stdout } = await needful([
      'send',
      'sleep:Seconds',
      '--param',
      'second=1',
      '--with',
      'sleep',
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /PARAMETERS_INVALID:\n {2}seconds: expected .*, got nothing\n {2}second: not known; is seconds meant\?\n$/,
    );
  });

  test('a step that is not known is told with those that are', async () => {
    const { stdout } = await needful(['send', 'httprequest:Got', '--with', 'httprequest']);
    expect(stdout).toMatch(/STEP_UNKNOWN:\n {2}no step of that name; known are Get, .*; Get is close\n$/);
  });

  test('--json has one object a line, the last of the job says how it ended', async () => {
    const args = ['send', 'helloworld:Hello', '--param', 'who=you', '--host', 'a', '--host', 'b', '--json'];
    const { code, lines } = await needful([...args, '--with', file('helloworld.ts')]);
    expect(code).toBe(0);
    const all = lines.map(json);
    const ofJob = all.filter(({ type }) => type !== 'transition' && type !== 'output');
    expect(ofJob.map(({ type, status }) => status ?? type)).toEqual([
      'sent',
      'started',
      'completed',
      'ended',
    ]);
    expect(ofJob.at(-1)).toMatchObject({ outcome: 'completed', data: { who: 'you', hosts: ['a', 'b'] } });
    expect(all.filter(({ type }) => type === 'output').map(({ message }) => message)).toContain(
      'greeting you',
    );
    expect(all.filter(({ machine }) => machine === 'job').map(({ to }) => to)).toEqual([
      'received',
      'acknowledged',
      'parsing',
      'verified',
      'doingTheNeedful',
      'completed',
      'listening',
      'stopped',
    ]);
  });

  test('a value that parses as JSON is JSON, any other is a string', async () => {
    const values = ['a=1', 'b=true', 'c=[1,{"d":null}]', 'e=plain text', 'f=', 'g="1.10"', 'h=x=y'];
    const given = values.flatMap((value) => ['--param', value]);
    const { lines } = await needful([
      'send',
      'noop:X',
      ...given,
      '--dynamic',
      'v=2',
      '--with',
      'noop',
      '--json',
    ]);
    const echo = lines.map(json).find(({ message }) => /NOOP worker succeeded/.test(String(message)));
    const body = JSON.parse(String(echo?.message).replace('NOOP worker succeeded - ', ''));
    const { command, subcommand, ...parameters } = body.parameters;
    expect(parameters).toEqual({
      a: 1,
      b: true,
      c: [1, { d: null }],
      e: 'plain text',
      f: '',
      g: '1.10',
      h: 'x=y',
    });
    expect(body.dynamic).toEqual({ v: 2 });
  });

  test('a job that no worker takes is exit code 1 and says so', async () => {
    const { code, stderr } = await needful(['send', 'other:X', '--with', 'noop']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^needful: JOB_UNDELIVERABLE: .*worker\.other/);
  });

  test('--queue lets the worker beside consume a queue of another name', async () => {
    const { code } = await needful(['send', 'noop:X', '--with', 'noop', '--queue', 'elsewhere']);
    expect(code).toBe(0);
  });

  test('the first signal stops the waiting, the second cancels the job of the worker beside', async () => {
    const sleeping = start(['send', 'sleep:Seconds', '--param', 'seconds=600', '--with', 'sleep', '--json']);
    await sleeping.line(/"Executing sleep/);
    sleeping.child.kill('SIGTERM');
    await sleeping.line(/"signal":"SIGTERM".*second signal/);
    sleeping.child.kill('SIGTERM');
    await sleeping.line(/running jobs are cancelled/);
    expect(await sleeping.exit).toBe(1);
    expect(sleeping.stderr()).toMatch(/needful: CANCELLED: /);
  });
});
