// Keeps the processes of a private broker from outliving us: they are children of a small shell that waits for its standard
// input to end, which the kernel sees to when this process dies, even by SIGKILL. Then it kills them and removes their folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
}

export interface SupervisorOptions {
  /** Exists; removed at the end with all that is in it. What a program says is in `NAME.log` there. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly programs: readonly Program[];
  /** Runs at the end, for what is no child of ours, as a container. */
  readonly cleanUp?: readonly string[];
}

export interface Supervisor {
  /** By name of the program; `supervisor` is the shell. */
  readonly pids: Readonly<Record<string, number>>;
  /** Resolves with a sentence when the first of the programs ended by itself. */
  readonly ended: Promise<string>;
  /** Kills a program with SIGKILL; resolves when it is gone. */
  kill(name: string): Promise<void>;
  /** Starts a program again that has ended; resolves when it is started (not: ready), with when it ends by itself again. */
  start(name: string): Promise<{ readonly ended: Promise<string> }>;
  /** Kills all of them, waits for their end, removes the folder. Takes at most 10 s; a second call awaits the first. */
  stop(): Promise<void>;
}

const stopLimitMs = 10_000;

/** Resolves when all programs are started (not: ready). */
export async function supervise(options: SupervisorOptions): Promise<Supervisor> {
  // Its own session: Ctrl-C in a terminal goes to us, not to the broker; and its group can be killed as one.
  const child = spawn('sh', ['-c', script(options)], {
    env: options.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const pids: Record<string, number> = { supervisor: child.pid ?? 0 };
  const lines = createInterface(child.stdout);
  /** The next line of the shell about a program. */
  const said = (what: string) =>
    new Promise<string>((resolve) => {
      const hear = (line: string) => {
        if (!line.startsWith(`${what} `)) return;
        lines.off('line', hear);
        resolve(line);
      };
      lines.on('line', hear);
    });
  const nextEnd = () => said('ended').then((line) => line.replace(/^ended (\S+) /, '$1 ended with '));
  const ended = nextEnd();
  const started = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const [word, name = '', pid] = line.split(' ');
      if (word === 'started') pids[name] = Number(pid);
      if (Object.keys(pids).length > options.programs.length) resolve();
    });
  });
  await Promise.race([started, exited]);
  letGo(child);

  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => killGroup(child.pid), stopLimitMs);
    await exited;
    clearTimeout(timer);
    await rm(options.folder, { recursive: true, force: true });
  };
  let stopped: Promise<void> | undefined;
  return {
    pids,
    ended,
    async kill(name) {
      const gone = said(`ended ${name}`);
      process.kill(pids[name] ?? 0, 'SIGKILL');
      await gone;
    },
    async start(name) {
      const again = said(`started ${name}`);
      child.stdin.write(`${name}\n`);
      await again;
      return { ended: nextEnd() };
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

function script({ folder, programs, cleanUp = [] }: SupervisorOptions): string {
  const start = ({ name, command }: Program) => `
    start_${name}() {
      rm -f ${name}.pid
      ( sh -c 'echo $$ >"$0.pid"; exec "$@" >>"$0.log" 2>&1' ${quote(`${folder}/${name}`)} ${command.map(quote).join(' ')}
        echo "ended ${name} $?" ) </dev/null &
      until [ -s ${name}.pid ]; do sleep 0.02; done
      echo "started ${name} $(cat ${name}.pid)"
    }
    start_${name}`;
  // Not `trap ''`: an ignored signal would be inherited by the broker. A caught one ends `read`, and with it all; one that comes
  // before `read` waits must end it too, so it takes away its input.
  // The last line is for what else is left in our process group; the shell itself goes with it.
  return `
    trap 'exec </dev/null' HUP INT TERM PIPE
    cd ${quote(folder)}
    ${programs.map(start).join('\n')}
    while read -r name; do "start_$name"; done
    kill -9 $(cat *.pid)
    ${cleanUp.map(quote).join(' ')}
    wait
    cd / && rm -rf ${quote(folder)}
    kill -9 0`;
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

// A broker that nobody stops must not keep the process: it ends, and the shell sees that.
function letGo(child: ReturnType<typeof spawn>): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout]) {
    if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
}
