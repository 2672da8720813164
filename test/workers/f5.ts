// A small BIG-IP for tests: keeps pools, members, tokens and a device group, answers as iControl REST does, and fails as
// it is told to. A look at a member or at the sync is what makes time pass here.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Trace } from '../adapters/bus.js';
import * as say from './f5-answers.js';

export const user = { username: 'needful', password: 'correct horse battery staple' };

/** What goes wrong: another answer, a connection cut before or after the work, silence, an answer that waits. */
export type Fault =
  | { readonly status: number; readonly body: object | string }
  | { readonly until: Promise<unknown> }
  | 'reset'
  | 'reset after'
  | 'silence';

export const faults = {
  restarting: { status: 503, body: say.restarting },
  busy: { status: 503, body: say.tmError(503, 'There is an active asynchronous task executing.') },
  tooMany: { status: 429, body: say.restError(429, 'Too Many Requests') },
  starting: { status: 404, body: say.restError(404, 'Public URI path not registered: /tm/ltm/pool') },
  noRights: {
    status: 401,
    body: say.restError(401, 'Authorization failed: user=https://localhost/mgmt/shared/authz/users/needful'),
  },
} as const;

export interface Asked {
  /** `GET /mgmt/tm/ltm/pool`: without query and token. */
  readonly what: string;
  readonly body: string;
}

type MemberSpec = Partial<say.Member> & { readonly fullPath: string };

export interface F5Options {
  readonly pools?: Readonly<Record<string, readonly MemberSpec[]>>;
  readonly group?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export class F5 {
  readonly pools: ReadonlyMap<string, say.Member[]>;
  readonly asked = new Trace<Asked>();
  /** By token: whether it has expired. */
  readonly tokens = new Map<string, { expired: boolean }>();
  /** All that were ever given out. */
  readonly given: string[] = [];
  tokenLimit = 100;
  /** What the group's status becomes, look by look, once it is told to sync. */
  syncing: string[] = ['Syncing', 'Not All Devices Synced', 'In Sync'];
  status = 'Changes Pending';
  /** Of the whole device: of its group unless another group lags behind. */
  deviceStatus: string | null = null;
  readonly group: string | null;
  readonly #faults: { readonly on: RegExp; readonly fault: Fault; left: number }[] = [];
  readonly #server;

  constructor({ pools = {}, group, tls }: F5Options = {}) {
    this.pools = new Map(Object.entries(pools).map(([pool, members]) => [pool, members.map(memberOf)]));
    this.group = group ?? null;
    const answer = (request: IncomingMessage, response: ServerResponse) =>
      void this.#serve(request, response);
    this.#server = tls ? createTlsServer(tls, answer) : createServer(answer);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${'setSecureContext' in this.#server ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  member(pool: string, fullPath: string): say.Member {
    const found = this.pools.get(pool)?.find((member) => member.fullPath === fullPath);
    if (found === undefined) throw new Error(`no member ${fullPath} in ${pool}`);
    return found;
  }

  /** The next `times` requests that fit fail. */
  fail(on: RegExp, fault: Fault, times = 1): void {
    this.#faults.push({ on, fault, left: times });
  }

  expireTokens(): void {
    for (const token of this.tokens.values()) token.expired = true;
  }

  /** Requests so far. */
  get requests(): readonly string[] {
    return this.asked.all.map(({ what }) => what);
  }

  /** Tokens that are still good for something. */
  get live(): number {
    return [...this.tokens.values()].filter(({ expired }) => !expired).length;
  }

  /** Once as many as `count` requests that fit came. */
  async heard(what: RegExp, count = 1): Promise<readonly Asked[]> {
    return await this.asked.first(count, (asked) => what.test(asked.what));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '', 'http://f5');
    const what = `${request.method} ${url.pathname.replace(/(tokens\/).*/, '$1TOKEN')}`;
    const fault = this.#faults.find(({ on, left }) => left > 0 && on.test(what));
    if (fault) fault.left--;
    const send = (status: number, answer: object | string) => {
      const isText = typeof answer === 'string';
      response.writeHead(status, {
        'content-type': isText ? 'text/html' : 'application/json; charset=UTF-8',
      });
      response.end(isText ? answer : JSON.stringify(answer));
    };
    this.asked.add({ what, body });
    const wrong = fault?.fault;
    if (wrong === 'silence') return;
    if (wrong === 'reset') return void request.socket.destroy();
    if (typeof wrong === 'object' && 'status' in wrong) return send(wrong.status, wrong.body);
    const given = { what, path: url.pathname, query: url.searchParams, body, headers: request.headers };
    const { status, answer } = this.#answer(given);
    if (wrong === 'reset after') return void request.socket.destroy();
    if (wrong !== undefined) await wrong.until;
    send(status, answer);
  }

  #answer(request: Request): Answer {
    const { what, path, query, body } = request;
    if (what === 'POST /mgmt/shared/authn/login') return this.#logIn(parse(body));
    const token = String(request.headers['x-f5-auth-token'] ?? '');
    const known = this.tokens.get(token);
    if (token === '')
      return refuse(401, 'Authorization failed: no user authentication header or token detected.');
    if (known === undefined) return refuse(401, 'X-F5-Auth-Token does not exist.');
    if (known.expired) return refuse(401, 'X-F5-Auth-Token has expired.');
    if (what === 'DELETE /mgmt/shared/authz/tokens/TOKEN') {
      const own = decodeURIComponent(path.split('/').at(-1) ?? '');
      return this.tokens.delete(own) ? ok({ token: own }) : refuse(404, 'no such token');
    }
    if (what === 'GET /mgmt/tm/ltm/pool') {
      return ok(say.poolCollection(this.pools, query.get('expandSubcollections') === 'true'));
    }
    if (what === 'GET /mgmt/tm/cm/sync-status') return ok(this.#sync());
    if (what === 'POST /mgmt/tm/cm') return this.#run(parse(body));
    return this.#memberAnswer(request);
  }

  #logIn({ username, password, loginProviderName }: Loose): Answer {
    if (username !== user.username || password !== user.password || loginProviderName !== 'tmos')
      return refuse(401, 'Authentication failed.');
    if (this.tokens.size >= this.tokenLimit)
      return refuse(400, `user ${username} has reached maximum active login tokens`);
    const token = randomBytes(16).toString('hex').toUpperCase().slice(0, 26);
    this.tokens.set(token, { expired: false });
    this.given.push(token);
    return ok(say.login({ username, token, timeout: 1200 }));
  }

  #memberAnswer({ what, path, body }: Request): Answer {
    for (const [pool, members] of this.pools) {
      for (const member of members) {
        const own = say.memberPath(pool, member);
        if (path === `${own}/stats` && what.startsWith('GET ')) return ok(look(pool, member));
        if (path === own && what.startsWith('GET ')) return ok(say.memberState(pool, member));
        if (path === own && what.startsWith('PATCH ')) return patch(pool, { member, changes: parse(body) });
      }
    }
    return { status: 404, answer: say.tmError(404, '01020036:3: The requested Pool Member was not found.') };
  }

  #run({ command, utilCmdArgs }: Loose): Answer {
    const [, group] = /^config-sync +to-group +(\S+)$/.exec(String(utilCmdArgs)) ?? [];
    if (command !== 'run' || group === undefined)
      return { status: 400, answer: say.tmError(400, '01020036:3: syntax error') };
    if (group !== this.group) {
      const message = `01070734:3: Configuration error: Device group (${group}) not found in device group sync`;
      return { status: 400, answer: say.tmError(400, message) };
    }
    this.#ahead = [...this.syncing];
    return ok({ kind: 'tm:cm:runstate', command, utilCmdArgs });
  }

  #ahead: string[] = [];

  #sync() {
    this.status = this.#ahead.shift() ?? this.status;
    if (this.group === null) return say.syncStatus('Standalone', []);
    return say.syncStatus(this.deviceStatus ?? this.status, [
      'peer.example.com: connected',
      `${this.group} (${this.status}): what the BIG-IP has to say about it`,
      ...(this.deviceStatus === null ? [] : [`others (${this.deviceStatus}): not ours`]),
      'device_trust_group (In Sync): All devices in the device group are in sync',
    ]);
  }
}

interface Request {
  readonly what: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}
interface Answer {
  readonly status: number;
  readonly answer: object;
}
type Loose = Readonly<Record<string, unknown>>;

const ok = (answer: object): Answer => ({ status: 200, answer });
const refuse = (status: number, message: string): Answer => ({
  status,
  answer: say.restError(status, message),
});
const parse = (body: string) => JSON.parse(body) as Loose;

const memberOf = (spec: MemberSpec): say.Member => ({
  address: '192.0.2.1',
  monitored: true,
  session: 'user-enabled',
  forcedDown: false,
  health: 'up',
  nodeDisabled: false,
  connections: 0,
  ends: 1,
  ...spec,
});

function look(pool: string, member: say.Member): object {
  const stats = say.memberStats(pool, member);
  if (member.session === 'user-disabled') member.connections = Math.max(0, member.connections - member.ends);
  else if (member.health === 'checking') member.health = 'up';
  return stats;
}

/** What may be written is not what is read: `user-up` comes back as `up`, `down`, `checking` or `unchecked`. */
function patch(pool: string, { member, changes }: { member: say.Member; changes: Loose }): Answer {
  const allowed: Readonly<Record<string, readonly unknown[]>> = {
    session: ['user-enabled', 'user-disabled'],
    state: ['user-up', 'user-down'],
  };
  for (const [key, value] of Object.entries(changes)) {
    if (allowed[key]?.includes(value)) continue;
    const message = `invalid property value "${key}":"${value}"`;
    return { status: 400, answer: say.tmError(400, message) };
  }
  const { session, state } = changes;
  if (session !== undefined) member.session = session as say.Member['session'];
  if (state !== undefined) {
    // A monitor begins anew once it may look again.
    if (member.forcedDown && state === 'user-up' && member.health === 'up') member.health = 'checking';
    member.forcedDown = state === 'user-down';
  }
  return ok(say.memberState(pool, member));
}
