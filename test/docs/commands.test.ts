// Every command that the pages print, run as it stands there; `npm install` and `npm test` are what runs this.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages, read } from '../../scripts/write-docs.js';
import { build, endAll, start } from '../cli/needful.js';
import { describeRabbitMQ } from '../rabbitmq.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const commands = pages().flatMap((page) =>
  [...read(page).matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => line.startsWith('npx needful '))
    .map((line) => line.replace('npx needful ', '')),
);

beforeAll(build, 60_000);
afterAll(endAll);

describe('commands of the documentation', () => {
  it('are found', () => {
    expect(commands.length).toBeGreaterThan(3);
  });

  it('begin with a command that npx finds in a clone', async () => {
    const { stdout } = await promisify(execFile)('npx', ['needful', '--version'], { cwd: root });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  const alone = commands.filter(
    (command) => command.includes('--with') || /^(bindings|config|graph) (?!.*amqp:)/.test(command),
  );
  it.each(alone)('npx needful %s', async (command) => {
    const running = start(command.split(' '));
    expect(await running.exit, running.stdout() + running.stderr()).toBe(0);
  });
});

describeRabbitMQ('commands of the documentation on RabbitMQ', ({ url, managementUrl }) => {
  it('work in the order of the page', async () => {
    const here = commands.filter((command) => command.includes('amqp://localhost'));
    expect(here.length).toBeGreaterThan(1);
    for (const command of here) {
      if (command.includes('--management') && managementUrl === '') continue;
      const addressed = command
        .replace('amqp://localhost', url)
        .replace('http://guest:guest@localhost:15672', managementUrl);
      const running = start(addressed.split(' '));
      if (command.startsWith('run ')) await running.line(/listening/);
      else expect(await running.exit, running.stdout() + running.stderr()).toBe(0);
    }
  });
});
