// Settings: who wins, what is refused, and what `needful config` shows of it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readVariable } from '../../src/cli/settings/environment.js';
import { misspeltVariables } from '../../src/cli/settings/misspelt.js';
import { type SettingFlags, settle } from '../../src/cli/settings/settle.js';
import { settings } from '../../src/cli/settings/table.js';
import { build, json, needful } from './needful.js';

let folder = '';
let count = 0;

/** A file of its own in the folder; its path. */
async function write(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const configFile = (content: unknown) => write(`config-${count++}.json`, content);

beforeAll(async () => {
  await build();
  folder = await mkdtemp(join(tmpdir(), 'needful-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

const settled = async (flags: SettingFlags, env: Record<string, string> = {}) => settle(flags, env);

describe('who wins', () => {
  test('a flag before the environment before the worker file before the configuration before the default', async () => {
    const config = await configFile({ queue: 'from-file', concurrency: 2, holdMs: 5, outputLevel: 'error' });
    const workerConfig = await write('worker.json', { queue: 'from-worker', OUTPUT_LEVEL: 'Warning' });
    const env = { NEEDFUL_QUEUE: 'from-env', NEEDFUL_HOLD_MS: '7' };
    const queue = async (flags: SettingFlags, variables: Record<string, string>) =>
      (await settled(flags, variables)).said.get('queue');
    expect(await queue({ queue: 'from-flag', config, workerConfig }, env)).toEqual({
      value: 'from-flag',
      from: '--queue',
    });
    expect(await queue({ config, workerConfig }, env)).toEqual({ value: 'from-env', from: 'NEEDFUL_QUEUE' });
    expect(await queue({ config, workerConfig }, {})).toEqual({ value: 'from-worker', from: workerConfig });
    expect(await queue({ config }, {})).toEqual({ value: 'from-file', from: config });
    expect(await queue({}, {})).toBe(undefined);
    const { worker } = await settled({ config, workerConfig, declare: true }, env);
    expect(worker).toEqual({
      queue: 'from-env',
      concurrency: 2,
      holdMs: 7,
      outputLevel: 'warn',
      topology: 'declare',
    });
  });

  test('an address of a flag before one of the environment before one of the file', async () => {
    const config = await configFile({ amqp: 'amqp://file' });
    const address = async (flags: SettingFlags, env: Record<string, string>) =>
      (await settled(flags, env)).address;
    const env = { AMQP_URL: 'amqp://env' };
    expect(await address({ mqConfig: 'mq.json', config }, env)).toMatchObject({ file: 'mq.json' });
    expect(await address({ config }, env)).toMatchObject({ url: 'amqp://env' });
    expect(await address({ config }, {})).toEqual({ url: 'amqp://file', from: config });
  });

  test('files that a configuration names lie where it lies', async () => {
    const workerConfig = await write('beside.json', { queue: 'beside' });
    const config = await configFile({ workerConfig: './beside.json', mqConfig: '~/mq.json' });
    const { said, own, address } = await settled({ config });
    expect(said.get('queue')).toEqual({ value: 'beside', from: workerConfig });
    expect(own).toEqual({ from: workerConfig, values: {} });
    expect(address).toMatchObject({ file: join(homedir(), 'mq.json') });
  });
});

describe('where dead letters go', () => {
  test.each([
    ['dead', { exchange: 'dead' }],
    ['dead/worker.sleep', { exchange: 'dead', routingKey: 'worker.sleep' }],
    ['/graveyard', { exchange: '', routingKey: 'graveyard' }],
    ['dead/a/b', { exchange: 'dead', routingKey: 'a/b' }],
  ])('%s', async (text, place) => {
    expect((await settled({ deadLetter: text })).worker).toEqual({ deadLetter: place });
    expect((await settled({}, { NEEDFUL_DEAD_LETTER: text })).worker).toEqual({ deadLetter: place });
  });

  test.each(['', '/'])('%j is no place', async (text) => {
    const config = await configFile({ deadLetter: text });
    await expect(settled({ config })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('deadLetter'),
    });
  });
});

describe('a variable NAME_FILE', () => {
  test('names the file that holds the value, whose white space at the ends is no part of it', async () => {
    const secret = await write('secret', '\n amqp://me:s%23cret@mq \r\n');
    const { address } = await settled({}, { RABBITMQ_URL_FILE: secret });
    expect(address).toEqual({ url: 'amqp://me:s%23cret@mq', from: `RABBITMQ_URL_FILE (${secret})` });
    expect(readVariable('A', { A_FILE: `~/${relative(homedir(), secret)}` })?.text).toMatch(/^amqp:/);
  });

  test('stands in the order of its NAME', async () => {
    const secret = await write('first', 'amqp://first');
    const env = { NEEDFUL_AMQP_URL_FILE: secret, AMQP_URL: 'amqp://second' };
    expect((await settled({}, env)).address).toMatchObject({ url: 'amqp://first' });
  });

  test.each([
    ['beside NAME', { A: 'x', A_FILE: 'y' }, 'CONFIG_INVALID', /A and A_FILE are both set/],
    ['that is missing', { A_FILE: '/no/such' }, 'CONFIG_FILE_MISSING', /A_FILE \(\/no\/such\).*ENOENT/],
    ['that is empty', { A_FILE: '/dev/null' }, 'CONFIG_INVALID', /is empty, expected the value of A/],
  ])('%s is refused', (_, env, code, message) => {
    expect(() => readVariable('A', env)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('a variable that nothing reads', () => {
  test.each([
    ['NEEDFUL_QUEU', 'NEEDFUL_QUEUE'],
    ['NEEDFUL_QUEUEFILE', 'NEEDFUL_QUEUE_FILE'],
    ['NEEDFUL_CONCURENCY', 'NEEDFUL_CONCURRENCY'],
    ['NEEDFUL_AMQP', 'NEEDFUL_AMQP_URL'],
    ['NEEDFUL_AMQP_URI_FILE', 'NEEDFUL_AMQP_URL_FILE'],
    ['needful_queue', 'NEEDFUL_QUEUE'],
  ])('%s is warned of, without its value, where %s is close', async (name, meant) => {
    const { warnings, said } = await settled({}, { [name]: 'SECRET' });
    expect(warnings).toEqual([`${name} is not known and ignored; is ${meant} meant?`]);
    expect(said.size).toBe(0);
  });

  test('is none of ours where no name is close, as those that a cluster sets for a service', async () => {
    const env = {
      NEEDFUL_SERVICE_HOST: '10.0.0.1',
      NEEDFUL_PORT: 'tcp://10.0.0.1:5672',
      NEEDFUL_PORT_5672_TCP_ADDR: '10.0.0.1',
      NEEDFUL_QUEU: '',
      QUEUE: 'x',
    };
    expect((await settled({}, env)).warnings).toEqual([]);
  });

  test('every name of the table is known, and its file', async () => {
    const variables = Object.values(settings).flatMap(({ variable }) => variable ?? []);
    const all = [...variables, ...variables.map((name) => `${name}_FILE`), 'NEEDFUL_AMQP_URL'];
    expect(misspeltVariables(Object.fromEntries(all.map((name) => [name, 'x'])))).toEqual([]);
  });
});

describe('what is refused', () => {
  test.each([
    [{ quue: 'x' }, /`quue` is not known; did you mean `queue`\?/],
    [{ zzzzzz: 1 }, /`zzzzzz` is not known; known are amqp, mqConfig, /],
    [{ concurrency: 0 }, /`concurrency`: Too small/],
    [{ concurrency: '2' }, /`concurrency`: expected number, received string/],
    [{ topology: 'maybe' }, /`topology`: .*"check"\|"declare"\|"none"/],
    [{ amqp: 'amqp://a', mqConfig: 'b' }, /both name a broker/],
    [[1], /expected `export default defineConfig\({ … }\)`, got an array/],
  ])('%j in a configuration file', async (content, message) => {
    const config = await configFile(content);
    await expect(settled({ config })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('a value of the environment that does not fit, by its name', async () => {
    await expect(settled({}, { NEEDFUL_CONCURRENCY: 'many' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^NEEDFUL_CONCURRENCY: expected number/),
    });
  });

  test('a file that is missing, broken, or not JSON, without what it says', async () => {
    await expect(settled({ config: 'none.ts' })).rejects.toMatchObject({ code: 'CONFIG_FILE_MISSING' });
    const broken = await write('broken.ts', 'const a = ;\n');
    await expect(settled({ config: broken })).rejects.toMatchObject({
      code: 'CONFIG_FILE_BROKEN',
      message: expect.stringMatching(/broken\.ts:1: syntax error/),
    });
    const text = await configFile('{"amqp": SECRET}');
    await expect(settled({ config: text })).rejects.toMatchObject({
      code: 'CONFIG_FILE_BROKEN',
      message: expect.not.stringContaining('SECRET'),
    });
  });
});

describe('needful config', () => {
  let here = '';
  beforeEach(async () => {
    here = await mkdtemp(join(folder, 'here-'));
  });

  test('finds needful.config.ts where it is called, and shows every value with its source and no secret', async () => {
    await writeFile(
      join(here, 'needful.config.ts'),
      `import { defineConfig } from 'needful-worker';
export default defineConfig({ amqp: 'amqp://me:SECRET@mq/re', management: 'http://boss:SECRET@mq:15672', concurrency: 4 });
`,
    );
    const { code, stdout } = await needful(['config'], { cwd: here, env: { NEEDFUL_LOG_LEVEL: 'info' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^amqp +amqp:\/\/me@mq:5672\/re +needful\.config\.ts$/m);
    expect(stdout).toMatch(/^management +http:\/\/boss@mq:15672\/ +needful\.config\.ts$/m);
    expect(stdout).toMatch(/^concurrency +4 +needful\.config\.ts$/m);
    expect(stdout).toMatch(/^logLevel +info +NEEDFUL_LOG_LEVEL$/m);
    expect(stdout).toMatch(/^holdMs +1000 +default$/m);
    expect(stdout).not.toContain('SECRET');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each(['js', 'mjs', 'json'])(
    'finds needful.config.%s, too; --json has one object a line',
    async (ending) => {
      const source = ending === 'json' ? '{ "queue": "here" }' : "export default { queue: 'here' };\n";
      await writeFile(join(here, `needful.config.${ending}`), source);
      const { lines } = await needful(['config', '--json'], { cwd: here });
      expect(lines.map(json)).toContainEqual({
        type: 'setting',
        key: 'queue',
        value: 'here',
        source: `needful.config.${ending}`,
      });
    },
  );

  test('takes the flags of other commands, and says that they said it', async () => {
    const { stdout } = await needful(['config', '--declare', '--queue', 'q', '--concurrency', '3'], {
      cwd: here,
    });
    expect(stdout).toMatch(/^queue +q +--queue$/m);
    expect(stdout).toMatch(/^topology +declare +--declare$/m);
    expect(stdout).toMatch(/^concurrency +3 +--concurrency$/m);
  });

  test('says of a queue that is named by each worker so, and null with --json', async () => {
    const { stdout } = await needful(['config'], { cwd: folder });
    expect(stdout).toMatch(/^queue {2,}the worker's name +default$/m);
    const { lines } = await needful(['config', '--json'], { cwd: folder });
    expect(lines.map(json)).toContainEqual({ type: 'setting', key: 'queue', value: null, source: 'default' });
  });

  test('two of them are one too many', async () => {
    for (const name of ['needful.config.ts', 'needful.config.json']) await writeFile(join(here, name), '{}');
    const { code, stderr } = await needful(['config'], { cwd: here });
    expect(code).toBe(78);
    expect(stderr).toMatch(/CONFIG_INVALID: needful\.config\.ts and needful\.config\.json both lie here/);
  });

  test('other commands take it: a job is sent to the queue that it names', async () => {
    await writeFile(join(here, 'needful.config.json'), '{ "queue": "other", "outputLevel": "error" }');
    const { code, stdout } = await needful(['send', 'noop:X', '--with', 'noop'], { cwd: here });
    expect(code).toBe(0);
    expect(stdout).not.toContain('Starting NoopWorker');
  });
});
