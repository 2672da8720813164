// What iControl REST of a BIG-IP says, in its own shapes: written from F5's reference and from recorded answers of versions
// 11.5 to 14.1, not from the client that is tested with it.

export interface Member {
  /** With its partition: `/Common/web01:80`. */
  readonly fullPath: string;
  readonly address: string;
  readonly monitored: boolean;
  session: 'user-enabled' | 'user-disabled';
  forcedDown: boolean;
  /** What the monitor finds, where there is one. */
  health: 'up' | 'down' | 'checking';
  nodeDisabled: boolean;
  connections: number;
  /** Connections that end between two looks at the member, while it takes no new ones. */
  readonly ends: number;
}

const self = (path: string) => `https://localhost${path}?ver=14.1.2`;
/** As it stands in an address: `/Common/a` -> `~Common~a`, and the `%` of a route domain escaped. */
export const inPath = (fullPath: string) => fullPath.replaceAll('/', '~').replaceAll('%', '%25');
export const poolPath = (pool: string) => `/mgmt/tm/ltm/pool/${inPath(pool)}`;
export const memberPath = (pool: string, member: Member) =>
  `${poolPath(pool)}/members/${inPath(member.fullPath)}`;

const named = (fullPath: string) => {
  const slash = fullPath.lastIndexOf('/');
  return { name: fullPath.slice(slash + 1), partition: fullPath.slice(1).split('/')[0], fullPath };
};

export function memberState(pool: string, member: Member) {
  const unmonitored = member.session === 'user-enabled' ? 'user-enabled' : member.session;
  return {
    kind: 'tm:ltm:pool:members:membersstate',
    ...named(member.fullPath),
    generation: 1,
    selfLink: self(memberPath(pool, member)),
    address: member.address,
    connectionLimit: 0,
    dynamicRatio: 1,
    ephemeral: 'false',
    fqdn: { autopopulate: 'disabled' },
    inheritProfile: 'enabled',
    logging: 'disabled',
    monitor: 'default',
    priorityGroup: 0,
    rateLimit: 'disabled',
    ratio: 1,
    session: member.monitored && member.session === 'user-enabled' ? 'monitor-enabled' : unmonitored,
    state: member.forcedDown ? 'user-down' : member.monitored ? member.health : 'unchecked',
  };
}

/** The list of pools; `expanded`: with their members. */
export function poolCollection(pools: ReadonlyMap<string, readonly Member[]>, expanded: boolean) {
  const items = [...pools].map(([pool, members]) => ({
    kind: 'tm:ltm:pool:poolstate',
    ...named(pool),
    generation: 1,
    selfLink: self(poolPath(pool)),
    loadBalancingMode: 'round-robin',
    membersReference: {
      link: self(`${poolPath(pool)}/members`),
      isSubcollection: true,
      // A pool without members has none of this.
      ...(expanded && members.length > 0 && { items: members.map((member) => memberState(pool, member)) }),
    },
  }));
  const kind = 'tm:ltm:pool:poolcollectionstate';
  // A BIG-IP without pools leaves `items` out.
  return { kind, selfLink: self('/mgmt/tm/ltm/pool'), ...(items.length > 0 && { items }) };
}

const said = (entries: Readonly<Record<string, string | number>>) =>
  Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [
      key,
      typeof value === 'number' ? { value } : { description: value },
    ]),
  );

function statusOf({ session, forcedDown, monitored, health, nodeDisabled }: Member) {
  const enabled = session === 'user-disabled' ? 'disabled' : nodeDisabled ? 'disabled-by-parent' : 'enabled';
  if (forcedDown) return { monitor: 'forced-down', available: 'offline', enabled, reason: 'Forced down' };
  if (!monitored) {
    const reason = 'Pool member does not have service checking enabled';
    return { monitor: 'unchecked', available: 'unknown', enabled, reason };
  }
  const available = { up: 'available', down: 'offline', checking: 'unknown' }[health];
  const reasons = {
    up: 'Pool member is available',
    down: '/Common/http: No successful responses received before deadline.',
    checking: 'Pool member is being checked',
  };
  return { monitor: health, available, enabled, reason: reasons[health] };
}

export function memberStats(pool: string, member: Member) {
  const kind = 'tm:ltm:pool:members:membersstats';
  const path = `${memberPath(pool, member)}/stats`;
  const { monitor, available, enabled, reason } = statusOf(member);
  const entries = said({
    addr: member.address,
    curSessions: 0,
    monitorRule: member.monitored ? '/Common/http (default monitor)' : 'none',
    monitorStatus: monitor,
    nodeName: member.fullPath.replace(/[:.]\d+$/, ''),
    poolName: pool,
    port: Number(/\d+$/.exec(member.fullPath)?.[0]),
    'serverside.curConns': member.connections,
    'serverside.totConns': 4711,
    'status.availabilityState': available,
    'status.enabledState': enabled,
    'status.statusReason': reason,
    totRequests: 0,
  });
  return {
    kind,
    generation: 1,
    selfLink: self(path),
    entries: { [`https://localhost${path}`]: { nestedStats: { kind, selfLink: self(path), entries } } },
  };
}

const colors: Readonly<Record<string, string>> = {
  'In Sync': 'green',
  Standalone: 'green',
  Syncing: 'blue',
  'Awaiting Initial Sync': 'blue',
  'Changes Pending': 'yellow',
  'Not All Devices Synced': 'yellow',
};

/** `details`: one line each, as the real one writes them: `peer.example.com: connected`, `group (In Sync): …`. */
export function syncStatus(status: string, details: readonly string[]) {
  const path = 'https://localhost/mgmt/tm/cm/syncStatus/0/details';
  const lines = details.map((detail, index) => [
    `${path}/${index}`,
    { nestedStats: { entries: said({ details: detail }) } },
  ]);
  const entries = {
    ...said({
      color: colors[status] ?? 'red',
      mode: status === 'Standalone' ? 'standalone' : 'high-availability',
      status,
      summary: status === 'In Sync' ? 'All devices in the device group are in sync' : ' ',
    }),
    [path]: { nestedStats: { entries: Object.fromEntries(lines) } },
  };
  return {
    kind: 'tm:cm:sync-status:sync-statusstats',
    selfLink: self('/mgmt/tm/cm/sync-status'),
    entries: { 'https://localhost/mgmt/tm/cm/sync-status/0': { nestedStats: { entries } } },
  };
}

export function login(given: {
  readonly username: string;
  readonly token: string;
  readonly timeout: number;
}) {
  const { username, token, timeout } = given;
  return {
    username,
    loginReference: { link: 'https://localhost/mgmt/cm/system/authn/providers/tmos/1f44a60e/login' },
    loginProviderName: 'tmos',
    token: {
      token,
      name: token,
      userName: username,
      authProviderName: 'tmos',
      user: { link: `https://localhost/mgmt/shared/authz/users/${username}` },
      timeout,
      partition: '[All]',
      kind: 'shared:authz:tokens:authtokenitemstate',
      selfLink: `https://localhost/mgmt/shared/authz/tokens/${token}`,
    },
    generation: 0,
    lastUpdateMicros: 0,
  };
}

/** An error of the part that holds the configuration. */
export const tmError = (code: number, message: string) => ({ code, message, errorStack: [], apiError: 3 });
/** An error of the part that checks who asks. */
export const restError = (code: number, message: string) => ({
  code,
  message,
  referer: '192.0.2.7',
  restOperationId: 39168,
  kind: ':resterrorresponse',
});

export const restarting = `<?xml version="1.0" encoding="ISO-8859-1"?>
<html><head><title>BIG-IP - Configuration Utility restarting...</title></head><body></body></html>`;
