// The original's configuration file of a worker, and workers that want one.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWorkerConfig } from '../../src/cli/worker-config.js';
import { called } from './in-process.js';
import { build, needful } from './needful.js';

let folder = '';

async function file(content: unknown, name = 'worker.json'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

beforeAll(async () => {
  await build();
  folder = await mkdtemp(join(tmpdir(), 'needful-worker-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the file', () => {
  test('has queue and OUTPUT_LEVEL for the runtime, the rest for the worker', async () => {
    const path = await file({ queue: 'secretjuice', OUTPUT_LEVEL: 'INFO', url: 'x', more: { a: [1] } });
    expect(readWorkerConfig(path)).toEqual({
      queue: 'secretjuice',
      outputLevel: 'info',
      own: { from: path, values: { url: 'x', more: { a: [1] } } },
    });
  });

  test.each([
    ['debug', 'debug'],
    ['Info', 'info'],
    ['WARN', 'warn'],
    ['warning', 'warn'],
    ['ERROR', 'error'],
    ['Critical', 'critical'],
    ['fatal', 'critical'],
  ])('OUTPUT_LEVEL %s is %s', async (word, level) => {
    expect(readWorkerConfig(await file({ OUTPUT_LEVEL: word })).outputLevel).toBe(level);
  });

  test('an unknown OUTPUT_LEVEL means INFO, and says so', async () => {
    const { outputLevel, warning } = readWorkerConfig(await file({ OUTPUT_LEVEL: 'loud' }));
    expect(outputLevel).toBe('info');
    expect(warning).toMatch(/OUTPUT_LEVEL is none of DEBUG, INFO, .*so it is INFO/);
  });

  test.each([[''], [null], [false], [0]])('queue %j is none', async (queue) => {
    expect(readWorkerConfig(await file({ queue }))).not.toHaveProperty('queue');
  });

  test('may be named with ~ and be a link', async () => {
    const path = await file({ queue: 'linked' });
    const link = join(folder, 'link.json');
    await symlink(path, link);
    expect(readWorkerConfig(`~/${relative(homedir(), link)}`).queue).toBe('linked');
  });

  test.each([
    ['a queue of another type', { queue: 5 }, 'CONFIG_INVALID', /`queue` must be a string, it is a number/],
    ['OUTPUT_LEVEL of another type', { OUTPUT_LEVEL: null }, 'CONFIG_INVALID', /`OUTPUT_LEVEL` .* null/],
    ['no JSON', '{"password": SECRET', 'CONFIG_INVALID', /is not JSON; expected a JSON object/],
    ['a list', [], 'CONFIG_INVALID', /no object/],
  ])('%s is refused with the name of the file, without what it says', async (_, content, code, message) => {
    const path = await file(content);
    expect(() => readWorkerConfig(path)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(() => readWorkerConfig(path)).toThrow(expect.not.stringContaining('SECRET'));
    expect(() => readWorkerConfig(path)).toThrow(path);
  });

  test('that is missing is CONFIG_FILE_MISSING', () => {
    expect(() => readWorkerConfig('none.json')).toThrow(
      expect.objectContaining({ code: 'CONFIG_FILE_MISSING', message: 'none.json cannot be read (ENOENT)' }),
    );
  });
});

describe('a worker that wants a configuration', () => {
  const promote = ['send', 'secretjuice:Promote', '--with', 'examples/promoter.ts'];
  const parameters = ['--param', 'cart=a', '--param', 'environment=vault'];

  test('is given it, typed by its schema, and consumes the queue of the file', async () => {
    const { code, stdout } = await needful([
      ...promote,
      ...parameters,
      '--worker-config',
      'examples/secretjuice.json',
    ]);
    expect(stdout).toMatch(/data:\nhttps:\/\/secret\.example\.com\/vault\/a\n$/);
    expect(code).toBe(0);
  });

  test('and gets none, or one that does not fit, is refused by key, without the value', async () => {
    const without = await needful(promote);
    expect(without.code).toBe(78);
    expect(without.stderr).toMatch(
      /CONFIG_INVALID: worker examples\/promoter\.ts needs a configuration, --worker-config FILE: `environments`: /,
    );
    const path = await file({ environments: ['qa'], baseUrl: 'SECRET' });
    const wrong = await needful([...promote, '--worker-config', path]);
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toContain(`${path}: \`baseUrl\`: `);
    expect(wrong.stderr).not.toContain('SECRET');
  });

  test('is told of a key that it does not know, with the one that was probably meant', async () => {
    const path = await file({
      environments: ['qa'],
      baseUrl: 'https://a',
      baseUrls: 'SECRET',
      enviroments: 1,
    });
    const { code, stderr } = await needful([...promote, '--worker-config', path]);
    expect(code).toBe(78);
    expect(stderr).toContain(`${path}: \`baseUrls\`: not known; known are environments, baseUrl; `);
    const { stderr: other } = await needful([
      ...promote,
      '--worker-config',
      await file({ enviroments: ['qa'], baseUrl: 'https://a' }),
    ]);
    expect(other).toMatch(/`environments`: .*; `enviroments`: not known; is environments meant\?\n/);
  });

  test('is told of a key of the file itself that is misspelt', async () => {
    const path = await file({ environments: ['qa'], baseUrl: 'https://a', OUTPUT_LEVL: 'INFO', quue: 'a' });
    const { code, stderr } = await needful([...promote, '--worker-config', path]);
    expect(code).toBe(78);
    const known = 'Beside it known are environments, baseUrl';
    expect(stderr).toContain(`\`OUTPUT_LEVL\`: not known; is OUTPUT_LEVEL meant? ${known}`);
    expect(stderr).toContain(`\`quue\`: not known; is queue meant? ${known}`);
  });

  test.each([
    [
      'command',
      { commands: { A: { argv: ['true'], timeLimit: 1 } } },
      /`commands\.A\.timeLimit`: .*timeLimitMs/,
    ],
    ['command', { command: {} }, /`command`: not known; is commands meant\?/],
    ['juicer', { comand: ['x'] }, /`comand`: not known; is command meant\?/],
  ])('that is ready-made takes no key that it does not know: %s, %j', async (name, given, message) => {
    const { code, stderr } = await called(['graph', name, '--worker-config', await file(given)]);
    expect(stderr).toMatch(message);
    expect(code).toBe(78);
  });

  test('may be a plain function, which is given what the file says', async () => {
    await file(
      `import { defineWorker } from 'needful-worker';
export default (config) => defineWorker({ name: 'plain', steps: { Say: { run: () => config.word ?? 'nothing' } } });
`,
      'plain.mjs',
    );
    const path = await file({ word: 'hello' });
    const args = ['send', 'plain:Say', '--with', join(folder, 'plain.mjs')];
    expect((await needful([...args, '--worker-config', path])).stdout).toMatch(/data:\nhello\n$/);
    expect((await needful(args)).stdout).toMatch(/data:\nnothing\n$/);
  });

  test('and returns none is no worker', async () => {
    await file('export default () => 1;\n', 'none.mjs');
    const { code, stderr } = await needful(['send', 'x:Y', '--with', join(folder, 'none.mjs')]);
    expect(code).toBe(78);
    expect(stderr).toMatch(
      /WORKER_EXPORT_MISSING: .*a function as its default export that returns no worker/,
    );
  });
});
