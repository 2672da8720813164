// What the steps ask of one BIG-IP, and what its answers mean. How it is asked is in session.ts.
import { descriptionsIn, done, type ListedMember, pools, statistics, syncStatus } from './answers.js';
import { type Account, BigIpError, Session } from './session.js';

export interface Place extends Account {
  /** The device group that its configuration is handed to. */
  readonly group?: string | undefined;
}

/** A host in a pool. */
export interface Member {
  readonly bigIp: BigIp;
  /** `web01:80 of /Common/web`. */
  readonly name: string;
  /** Names and addresses of the host, in lower case. */
  readonly hosts: readonly string[];
  readonly path: string;
}

export interface MemberState {
  readonly isEnabled: boolean;
  /** Up, or nobody looks whether it is. */
  readonly isUp: boolean;
  readonly connectionCount: number;
  /** All of it in words. */
  readonly words: string;
}

export class BigIp {
  /** The environment's. */
  readonly name: string;
  readonly #session: Session;
  readonly #group: string;

  constructor(name: string, { group = '', ...account }: Place) {
    this.name = name;
    this.#session = new Session(name, account);
    this.#group = group;
  }

  logIn(signal: AbortSignal): Promise<void> {
    return this.#session.open(signal);
  }

  /** false: the token could not be given back, and lives until it expires. Never rejects. */
  logOut(): Promise<boolean> {
    return this.#session.close();
  }

  /** The members of all pools. */
  async members(signal: AbortSignal): Promise<readonly Member[]> {
    const { items } = await this.#session.ask({
      what: 'list its pools',
      method: 'GET',
      path: '/mgmt/tm/ltm/pool?expandSubcollections=true',
      signal,
      answer: pools,
    });
    return items.flatMap(({ fullPath, membersReference }) =>
      membersReference.items.map((member) => this.#member(fullPath, member)),
    );
  }

  /** `disabled` still takes connections of persistent sessions, `forcedOffline` does not. Both let open ones end. */
  async change(member: Member, to: 'enabled' | 'disabled' | 'forcedOffline', signal: AbortSignal) {
    const session = to === 'enabled' ? 'user-enabled' : 'user-disabled';
    const state = to === 'forcedOffline' ? 'user-down' : 'user-up';
    const what = `change ${member.name}`;
    const body = { session, state };
    await this.#session.ask({ what, method: 'PATCH', path: member.path, body, signal, answer: done });
  }

  async look(member: Member, signal: AbortSignal): Promise<MemberState> {
    const entries = await this.#session.ask({
      what: `say how ${member.name} is`,
      method: 'GET',
      path: `${member.path}/stats`,
      signal,
      answer: statistics,
    });
    const enabled = entries['status.enabledState'].description;
    const monitor = entries.monitorStatus.description;
    const connectionCount = entries['serverside.curConns'].value;
    const reason = entries['status.statusReason'].description;
    return {
      isEnabled: enabled === 'enabled',
      isUp: ['up', 'unchecked', 'fqdn-up'].includes(monitor),
      connectionCount,
      words: this.#session.clean(`${enabled}, ${monitor}, ${connectionCount} connections: ${reason}`),
    };
  }

  /** Tells it to hand its configuration to the other devices of its group. */
  async sync(signal: AbortSignal): Promise<void> {
    await this.#session.ask({
      what: `synchronise to ${this.#group}`,
      method: 'POST',
      path: '/mgmt/tm/cm',
      body: { command: 'run', utilCmdArgs: `config-sync to-group ${this.#group}` },
      signal,
      answer: done,
    });
  }

  /** The status of its group, such as `In Sync`; that of the whole device, where no line tells of the group. */
  async syncStatus(signal: AbortSignal): Promise<{ readonly status: string; readonly words: string }> {
    const { status, summary, ...details } = await this.#session.ask({
      what: 'say how far it is synchronised',
      method: 'GET',
      path: '/mgmt/tm/cm/sync-status',
      signal,
      answer: syncStatus,
    });
    for (const line of descriptionsIn(details)) {
      const [, group, own] = /^(.+) \(([^)]+)\): /.exec(line) ?? [];
      if (own !== undefined && group === this.#group)
        return { status: own, words: this.#session.clean(line) };
    }
    const words = this.#session.clean(`${status.description}: ${summary.description}`);
    return { status: status.description, words };
  }

  #member(pool: string, { fullPath, address = '', selfLink }: ListedMember): Member {
    // The host of that link is always `localhost`.
    const { pathname: path } = new URL(selfLink);
    if (!path.startsWith('/mgmt/tm/ltm/pool/'))
      throw new BigIpError(
        'refused',
        `BIG-IP ${this.name} links to the members of ${pool} in an unknown way`,
      );
    const name = fullPath.slice(fullPath.lastIndexOf('/') + 1);
    // `web01:80`, `192.0.2.1%10:80`, `2001:db8::1.80`
    const node = name.replace(/[:.]\w+$/, '');
    const hosts = [node, withoutDomain(node), withoutDomain(address)].filter((host) => host !== '');
    return {
      bigIp: this,
      name: `${name} of ${pool}`,
      hosts: [...new Set(hosts.map((host) => host.toLowerCase()))],
      path,
    };
  }
}

/** An address may end with the number of a route domain. */
const withoutDomain = (address: string) => address.replace(/%\d+$/, '');
