// The ready-made worker httprequest: which parameters it takes, and what it makes of a real server's answers.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { createLogger } from '../../src/worker/default-logger.js';
import httprequest from '../../workers/httprequest.js';
import { formsOf } from '../contract/secret-forms.js';
import { endAfterEach, jobText, oddValues, play, verdict } from './verdict.js';

endAfterEach();

const url = '"http://127.0.0.1/"';
const content = { content: '"x"', contenttype: '"text/plain"' };
const long = JSON.stringify(`http://h/${'x'.repeat(100_000)}`);
const isText = (value: string) => value.startsWith('"');

/** Per parameter: what is taken beyond the odd values, and which of the odd values are taken. */
const parameters: Readonly<
  Record<string, { readonly good: readonly string[]; readonly odd: (value: string) => boolean }>
> = {
  url: {
    good: ['"http://h"', '"HTTPS://h:1/x?y#z"', '" http://h "', '"http://u:p@[::1]/"', long],
    odd: () => false,
  },
  code: { good: ['200', '"404"', '" 2e2 "', '100', '599'], odd: () => false },
  content: { good: ['"é"', '"\\n"'], odd: isText },
  contenttype: {
    good: ['"application/json; charset=utf-8"'],
    odd: (value) => isText(value) && !['""', '"٣"', '"\\u0000"', '"\\ud800"'].includes(value),
  },
  b64encoded: { good: ['true', 'false'], odd: (value) => value === 'true' || value === 'false' },
};
const badUrls = [
  '"http:h"',
  '"//h"',
  '"h"',
  '"ftp://h"',
  '"file:///x"',
  '"http://"',
  '"http://h:99999"',
  '"http://[x]"',
  '"javascript:1"',
];
const badCodes = ['200.5', '600', '99', '"200.5"', '"200 OK"', '[200]'];

const rows = Object.entries(parameters).flatMap(([name, { good, odd }]) => [
  ...good.map((value) => [name, value.slice(0, 30), value, 'valid'] as const),
  ...oddValues.map(
    (value) => [name, value.slice(0, 30), value, odd(value) ? 'valid' : 'PARAMETERS_INVALID'] as const,
  ),
  ...(name === 'url' ? badUrls : name === 'code' ? badCodes : []).map(
    (value) => [name, value, value, 'PARAMETERS_INVALID'] as const,
  ),
]);

const base64: readonly (readonly [string, string])[] = [
  ['"aGk="', 'valid'],
  ['"aG\\nk=\\n"', 'valid'],
  ['""', 'valid'],
  ['"aGk"', 'PARAMETERS_INVALID'],
  ['"a"', 'PARAMETERS_INVALID'],
  ['"!!!!"', 'PARAMETERS_INVALID'],
  ['"_-8="', 'PARAMETERS_INVALID'],
];

describe('parameters of httprequest', () => {
  it.each(rows)('%s %s', (name, _short, value, expected) => {
    // aGk= is text as well as base64.
    const members = { subcommand: '"Put"', url, ...content, content: '"aGk="', [name]: value };
    expect(verdict(httprequest, jobText(members)).code).toBe(expected);
  });

  it.each(base64)('base64 %s is %s', (value, expected) => {
    const members = { subcommand: '"Post"', url, ...content, content: value, b64encoded: 'true' };
    expect(verdict(httprequest, jobText(members)).code).toBe(expected);
  });

  it.each(['url', 'content', 'contenttype'])('%s is needed', (name) => {
    const members = Object.entries({ subcommand: '"Post"', url, ...content }).filter(([key]) => key !== name);
    const { code, message } = verdict(httprequest, jobText(Object.fromEntries(members)));
    expect({ code, message }).toEqual({
      code: 'PARAMETERS_INVALID',
      message: expect.stringContaining(`Missing input '${name}'`),
    });
  });

  it.each(['get', 'GET', 'Patch', 'Head', '', '__proto__', 'toString'])('there is no step %j', (name) => {
    expect(verdict(httprequest, jobText({ subcommand: JSON.stringify(name), url })).code).toBe(
      'STEP_UNKNOWN',
    );
  });

  it('Get and Delete need no content, and code is 200 unless given', () => {
    for (const subcommand of ['"Get"', '"Delete"']) {
      expect(verdict(httprequest, jobText({ subcommand, url })).parameters).toEqual({
        url: 'http://127.0.0.1/',
        code: 200,
      });
    }
  });
});

interface Request {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

describe('requests of httprequest', () => {
  const requests: Request[] = [];
  let onSlow = () => {};
  const server = createServer((request, response) => void answer(request, response));
  let base = '';

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url: path, headers } = request;
    const { 'content-type': type, authorization } = headers;
    requests.push({ method, path, type, authorization, body: Buffer.concat(chunks).toString() });
    if (path === '/slow') return onSlow();
    if (path === '/moved') return void response.writeHead(302, { location: '/ok' }).end();
    if (path === '/round') return void response.writeHead(302, { location: '/round' }).end();
    // It sends what it was sent back as an address that cannot be read.
    if (path === '/mirror')
      return void response.writeHead(302, { location: `http://[${authorization}]` }).end();
    if (path === '/broken') return void response.destroy();
    // An answer without an end: nobody may wait for its body.
    if (path === '/endless') return void response.writeHead(200).write('x'.repeat(100_000));
    response.writeHead(path === '/missing' ? 404 : 200).end('fine');
  }

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const slugs = { completed: 'HTTPRequestWorker Executed Successfully', failed: 'HTTPRequestWorker Failed' };

  it.each([
    ['Get', '/ok', 200],
    ['Delete', '/ok', '200'],
    ['Put', '/ok', 200],
    ['Post', '/ok', 200],
    ['Get', '/missing', 404],
    ['Get', '/moved', 200],
    ['Get', '/endless', 200],
  ])('%s of %s is answered with %s, as expected', async (subcommand, path, code) => {
    const { job, end } = await play(httprequest);
    await job({ subcommand, url: base + path, code, content: 'hé', contenttype: 'text/x' });
    expect(await end()).toEqual({
      replies: [
        { status: 'started' },
        { status: 'completed', data: `${subcommand} to URL returned ${code} as expected.` },
      ],
      lines: [],
      notes: [
        ['completed', slugs.completed, `HTTPRequestWorker successfully executed ${subcommand}. See logs.`],
      ],
    });
    expect(requests.at(-1)?.method).toBe(subcommand.toUpperCase());
  });

  it.each([
    ['another code', '/missing', 'Expected status 200 but got 404'],
    ['a connection that ends', '/broken', 'Could not connect to the requested URL.'],
    ['redirects that go round', '/round', 'Could not connect to the requested URL.'],
  ])('%s fails without data', async (_name, path, reason) => {
    const { job, end } = await play(httprequest);
    await job({ subcommand: 'Get', url: base + path });
    expect(await end()).toEqual({
      replies: [{ status: 'started' }, { status: 'failed' }],
      lines: [reason],
      notes: [['failed', slugs.failed, reason]],
    });
  });

  it('a server that refuses fails without data', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const { job, end } = await play(httprequest);
    await job({ subcommand: 'Get', url: `http://127.0.0.1:${port}` });
    const { replies, lines } = await end();
    expect(replies).toEqual([{ status: 'started' }, { status: 'failed' }]);
    expect(lines).toEqual(['Could not connect to the requested URL.']);
  });

  it('sends content, its type, and the user of the URL', async () => {
    const { job, end } = await play(httprequest);
    const type = { contenttype: 'application/json' };
    await job({ subcommand: 'Put', url: `${base}/ok`, content: '{"a":"é"}', ...type });
    await end();
    expect(requests.at(-1)).toMatchObject({ method: 'PUT', type: 'application/json', body: '{"a":"é"}' });
    const user = base.replace('//', '//me%40x:p%zz@');
    await job({ subcommand: 'Post', url: `${user}/ok`, content: 'aGk=', b64encoded: true, ...type });
    await end();
    const authorization = `Basic ${Buffer.from('me@x:p%zz').toString('base64')}`;
    expect(requests.at(-1)).toMatchObject({ method: 'POST', body: 'hi', authorization });
  });

  it('the user of the URL is not in the log, when the server sends it back', async () => {
    const logged: string[] = [];
    const logger = createLogger('debug', { write: (line) => logged.push(line) });
    const { job, end } = await play(httprequest, { logger });
    for (const user of ['me:open%20sesame', 'a-long-token']) {
      await job({ subcommand: 'Get', url: `${base.replace('//', `//${user}@`)}/mirror` });
      expect((await end()).replies).toEqual([{ status: 'started' }, { status: 'failed' }]);
    }
    const all = logged.join('');
    expect(all).toMatch(/no answer/);
    for (const secret of ['open sesame', 'a-long-token'])
      for (const [name, form] of formsOf(secret)) expect([name, all.includes(form)]).toEqual([name, false]);
    const sent = requests.slice(-2).map(({ authorization }) => authorization?.replace('Basic ', '') ?? '');
    for (const user of sent) expect(all.includes(user) && all).toBe(false);
  });

  it('a server that does not answer is given up after a minute', async () => {
    const clock = new SimulatedClock();
    const { job, end } = await play(httprequest, { clock });
    const slow = new Promise<void>((resolve) => {
      onSlow = resolve;
    });
    await job({ subcommand: 'Get', url: `${base}/slow` });
    await slow;
    clock.increment(60_000);
    const { replies, notes } = await end();
    expect(replies).toMatchObject([
      { status: 'started' },
      { status: 'failed', data: { code: 'DEADLINE_PASSED' } },
    ]);
    expect(notes).toEqual([['failed', slugs.failed, 'the step ran longer than its deadline']]);
  });
});
