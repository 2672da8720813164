// The workers that run programs: real ones, with arguments that a shell would do harm with.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Worker } from '../../src/worker/definition.js';
import command from '../../workers/command.js';
import juicer from '../../workers/juicer.js';
import { Stage } from '../worker/stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

const node = (program: string): [string, string, string, string] => [process.execPath, '-e', program, '--'];
const commands = {
  Echo: { argv: node('console.log(...process.argv.slice(1))'), parameters: { what: '.*' } },
  Word: { argv: node('console.log(process.argv[1])'), parameters: { word: '[a-z]+' } },
  Fails: { argv: node('console.error("no"); process.exit(3)') },
  Hangs: { argv: node('console.log("up"); setInterval(() => {}, 1000)'), timeLimitMs: 60_000 },
  Missing: { argv: ['/no/such/program'] as [string] },
  Environment: { argv: node('console.log(Object.keys(process.env).sort().join())'), env: { MINE: '1' } },
};

async function run(step: string, parameters: Record<string, unknown> = {}) {
  await stage.play(command({ commands }) as Worker);
  return await (await stage.engine.send(`command:${step}`, { parameters })).final();
}

describe('command', () => {
  it.each(['a b', '$(id)', '; echo two', '`id`', '--help', '*', '"', "'", 'ü'])(
    'hands %j on as one argument',
    async (what) => {
      expect(await run('Echo', { what })).toMatchObject({
        status: 'completed',
        data: { code: 0, stdout: `${what}\n` },
      });
    },
  );

  it.each([['UPPER'], ['a b'], [''], [null], [['a']], [true], ['a\0'], [undefined]])(
    'refuses %j, which does not fit',
    async (word) => {
      expect(await run('Word', { word })).toMatchObject({
        status: 'failed',
        data: { code: 'PARAMETERS_INVALID' },
      });
    },
  );

  it.each([
    ['Word', { word: 'a', wrod: 'b' }, 'parameters do not fit: wrod: not known; known are word'],
    [
      'Echo',
      { waht: 'a' },
      'parameters do not fit: what: expected text or a number, got nothing; waht: not known; is what meant?',
    ],
    ['Fails', { force: true }, 'parameters do not fit: force: not known; there are none'],
  ])('runs no %s with %j, which it does not list', async (step, parameters, message) => {
    expect(await run(step, parameters)).toMatchObject({
      status: 'failed',
      data: { code: 'PARAMETERS_INVALID', message },
    });
  });

  it('puts up with what an engine adds to the parameters', async () => {
    const ofTheEngine = { dynamic: ['cart'], notify: { completed: { irc: ['#a'] } }, hosts: ['web01'] };
    expect(await run('Word', { word: 'a', ...ofTheEngine })).toMatchObject({ status: 'completed' });
  });

  it('fails with the exit code of a command that fails', async () => {
    expect(await run('Fails')).toMatchObject({ status: 'failed', data: { code: 3 } });
  });

  it('fails where the program is not there', async () => {
    expect(await run('Missing')).toMatchObject({ status: 'failed', data: { error: 'ENOENT' } });
  });

  it('runs nothing that is not listed', async () => {
    expect(await run('Reboot')).toMatchObject({ status: 'failed', data: { code: 'STEP_UNKNOWN' } });
  });

  it('gives a command a small environment, and what its configuration adds', async () => {
    const { data } = await run('Environment');
    expect((data as { stdout: string }).stdout.trim().split(',')).toEqual(['LANG', 'MINE', 'PATH']);
  });

  it('ends a command whose job is cancelled', async () => {
    await stage.engine.open({ lines: false });
    const worker = stage.worker(command({ commands }) as Worker);
    await worker.start();
    const job = await stage.engine.send('command:Hangs');
    await worker.reached('doingTheNeedful');
    await worker.stop({ deadlineMs: 0 });
    expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'CANCELLED' } });
  });

  it.each([{}, { commands: {} }, { commands: { A: {} } }, { commands: { A: { argv: [] } } }])(
    'refuses the configuration %j',
    (config) => {
      expect(() => command(config as never)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    },
  );
});

describe('juicer', () => {
  const promote = async (program: string, dynamic: Record<string, unknown>) => {
    await stage.play(juicer({ command: node(program) }) as Worker);
    return await (await stage.engine.send('juicer:Promote', { dynamic })).final();
  };
  const given = { cart: 'bitmath', environment: 're' };

  it('pulls the cart and pushes it', async () => {
    expect(await promote('', given)).toEqual(expect.objectContaining({ status: 'completed' }));
  });

  it('fails where the pull fails, or the push', async () => {
    expect(await promote('process.exit(1)', given)).toMatchObject({ status: 'failed' });
  });

  it('fails where only the push fails', async () => {
    expect(await promote('process.exit(process.argv.includes("push") ? 1 : 0)', given)).toMatchObject({
      status: 'failed',
    });
  });

  it.each([{}, { cart: 'a' }, { cart: '-rf', environment: 're' }, { cart: 'a/b', environment: 're' }])(
    'refuses %j',
    async (dynamic) => {
      expect(await promote('', dynamic)).toMatchObject({
        status: 'failed',
        data: { code: 'DYNAMIC_INVALID' },
      });
    },
  );
});
