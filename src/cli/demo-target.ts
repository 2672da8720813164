// The small HTTP server that the demo's playbook talks to: on the loopback ports that its parameters name in http URLs.
import { createServer, type Server } from 'node:http';
import { NeedfulError } from '../contract/errors.js';
import type { Playbook } from '../release/playbook.js';

export interface DemoTarget {
  close(): Promise<void>;
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Answers 200 to everything, but `/status/503` with that status. Rejects with PORT_TAKEN. */
export async function startDemoTarget(playbook: Playbook): Promise<DemoTarget> {
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(
      servers.map((server) => new Promise((resolve) => server.close(resolve).closeAllConnections())),
    );
  };
  try {
    for (const [place, url] of placesOf(playbook)) {
      servers.push(await listen(url, { place, file: playbook.file }));
    }
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By host and port. */
function placesOf(playbook: Playbook): ReadonlyMap<string, URL> {
  const places = new Map<string, URL>();
  const texts = playbook.sequences.flatMap(({ steps }) =>
    steps.flatMap((step) => Object.values(step.parameters)),
  );
  for (const text of texts) {
    if (typeof text !== 'string' || !/^http:\/\//i.test(text) || !URL.canParse(text)) continue;
    const url = new URL(text);
    if (loopback.has(url.hostname)) places.set(url.host, url);
  }
  return places;
}

function listen(
  url: URL,
  { place, file }: { readonly place: string; readonly file: string },
): Promise<Server> {
  const server = createServer((request, response) => {
    const [, status] = /^\/status\/([2-5]\d\d)$/.exec(request.url ?? '') ?? [];
    response.writeHead(status === undefined ? 200 : Number(status), { 'content-type': 'text/plain' });
    request.resume();
    response.end('The demo is well.\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new NeedfulError(
          'PORT_TAKEN',
          `expected to listen on ${place}, which ${file} names in its URLs, got ${error.code}: ${reasons[error.code ?? ''] ?? 'it cannot be had'}`,
          { cause: error },
        ),
      );
    });
    server.listen({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) }, () =>
      resolve(server),
    );
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not listen on that port',
};
