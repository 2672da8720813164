// One run of a plan: the real runtime and its machines on a simulated broker, until everything has come to rest.
import { createSimulatedBroker } from '../../../adapters/memory/index.js';
import { releaseEngine } from '../../contract/release-engine.js';
import type { Message } from '../../transport.js';
import { namesNoStep } from './answers.js';
import { Bag } from './bag.js';
import { SimulatedTime } from './clock.js';
import { Conduct } from './conduct.js';
import { Crew, type Member, stepDeadlineMs } from './crew.js';
import { type Aim, type FaultScene, faults } from './faults.js';
import { Ledger } from './ledger.js';
import { at, lineOfLink, lineOfTap, lineOfTransition } from './narrate.js';
import type { FaultKind, Pick, Plan, PlannedFault, PlannedJob } from './plan.js';
import { latePhase, type Policy, policies, type StepStage, stages, workerName } from './policies.js';
import { below, createRandom, type Random } from './random.js';
import type { TraceLine } from './trace.js';
import { settling } from './turn.js';
import { type Costs, judge } from './verdict.js';
import { wrongAtRest, wrongWhileWaiting } from './waiting.js';

/** A fault that happened, and the states of the lanes it hit. */
export interface FiredFault {
  readonly kind: FaultKind;
  readonly states: readonly string[];
}

export interface RunResult {
  /** Promises that were broken, one sentence each. */
  readonly broken: readonly string[];
  readonly fired: readonly FiredFault[];
  /** Of those, at least one did not come with a job. */
  readonly happened: boolean;
  readonly costs: Costs;
  readonly jobCount: number;
  readonly stepCount: number;
  /** What was done at each step that was not the oldest. */
  readonly picks: readonly Pick[];
  /** Empty unless asked for. */
  readonly trace: readonly TraceLine[];
}

/** A run that takes more steps will never end. */
const stepLimit = 5_000;
const deadLetterExchange = 'dead';

let runCount = 0;

export interface RunOptions {
  readonly record?: boolean;
  /** In place of the one that the plan names. */
  readonly policy?: Policy;
}

export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  runCount += 1;
  const run = new Run(plan, { ...options, name: `run-${runCount}` });
  await run.toItsEnd();
  return run.result();
}

class Run implements FaultScene, StepStage {
  readonly broker;
  readonly crew: Crew;
  readonly time;
  readonly queue: string;
  readonly #plan: Plan;
  readonly #name: string;
  readonly #clock = new SimulatedTime();
  readonly #bag = new Bag();
  readonly #ledger: Ledger;
  readonly #conduct: Conduct;
  readonly #policy: Policy;
  readonly #planned = new Map<string, PlannedJob>();
  readonly #random: Random;
  readonly #chosen: ReadonlyMap<number, number>;
  readonly #picks: Pick[] = [];
  readonly #broken: string[] = [];
  readonly #fired: FiredFault[] = [];
  readonly #records: boolean;
  readonly #trace: TraceLine[] = [];
  readonly #attempts = new Map<string, number>();
  readonly #messages = new Map<string, Message>();
  #pending: PlannedFault[];
  #waiting: Message[] = [];
  #closed = false;
  #stepCount = 0;
  /** Lanes may have come to other states since the last step. */
  #moved = true;
  /** A fault of the plan, or one in its place. */
  #happened = false;
  #phase: 'working' | 'probing' | 'ending' = 'working';

  constructor(plan: Plan, options: RunOptions & { readonly name: string }) {
    const policy = options.policy ?? policies[plan.policy];
    if (policy === undefined)
      throw new Error(`no policy ${plan.policy}; known are ${Object.keys(policies).join(', ')}`);
    this.#plan = plan;
    this.#name = options.name;
    this.#records = options.record ?? false;
    this.#policy = policy;
    this.queue = releaseEngine.queueName(policy.worker.name);
    this.#ledger = new Ledger({ queue: this.queue, deadLetterExchange });
    this.#pending = [...plan.faults];
    this.#random = createRandom(plan.seed ^ 0x5eed);
    this.#chosen = new Map(plan.picks);
    this.time = this.#clock.of();
    this.broker = createSimulatedBroker({ clock: this.time, scheduler: this.#bag });
    this.crew = new Crew({
      broker: this.broker,
      time: this.#clock,
      policy,
      deadLetterExchange,
      laneCount: plan.laneCount,
      talks: plan.talks,
      seed: plan.seed,
      onBroken: (sentence) => this.#broken.push(sentence),
      onTransition: options.record
        ? (worker, record) => this.#add(lineOfTransition(worker, record))
        : undefined,
    });
    this.#conduct = new Conduct({
      queue: this.queue,
      deadLetterExchange,
      policy,
      stepDeadlineMs,
      crew: this.crew,
      jobOf: (id) => this.#planned.get(id),
      replyQueueOf: (id) => this.replyQueueOf(id),
    });
    this.broker.tap((event) => {
      this.#conduct.tap(event);
      const seen = this.#ledger.tap(event);
      if (options.record) this.#add(lineOfTap(event, seen));
    });
    this.broker.watch((event) => {
      this.#ledger.link(event);
      this.#conduct.link(event);
      if (event.type === 'left' && event.lost) this.crew.trouble(event.connection);
      if (options.record) this.#add(lineOfLink(event));
    });
  }

  async toItsEnd(): Promise<void> {
    stages.set(this.#name, this);
    process.on('warning', this.#onWarning);
    this.broker.declare(releaseEngine.topology(this.#policy.worker.name));
    this.broker.declare({
      exchanges: [{ name: deadLetterExchange, type: 'topic', durable: true }],
      queues: [{ name: deadLetterExchange, durable: true }],
      bindings: [{ exchange: deadLetterExchange, queue: deadLetterExchange, routingKey: '#' }],
    });
    for (let count = this.#plan.workerCount; count > 0; count--) this.crew.hire();
    let ms = 0;
    for (const [index, job] of this.#plan.jobs.entries()) {
      ms += job.afterMs;
      this.time.setTimeout(() => this.#send(`j${index + 1}`, job), ms);
    }
    try {
      await settling(() => {
        let goesOn = this.#step();
        // What only the broker does leaves nothing to settle.
        while (goesOn && !this.#moved) goesOn = this.#step();
        return goesOn;
      });
    } finally {
      stages.delete(this.#name);
      process.off('warning', this.#onWarning);
    }
  }

  result(): RunResult {
    const { broken, costs } = judge(this.#ledger, this.crew);
    return {
      broken: [...this.#broken, ...broken, ...this.#conduct.end()],
      fired: this.#fired,
      happened: this.#happened,
      costs,
      jobCount: this.#ledger.jobs.size,
      stepCount: this.#stepCount,
      picks: this.#picks,
      trace: this.#trace,
    };
  }

  // For faults

  jobOf(correlationId: string): Message | undefined {
    return this.#messages.get(correlationId);
  }

  replyQueueOf(correlationId: string): string {
    return `reply.${correlationId}`;
  }

  close(): void {
    this.#closed = true;
    this.broker.refuse();
  }

  reopen(): void {
    this.#closed = false;
    this.broker.accept();
    for (const message of this.#waiting.splice(0)) this.broker.publish(message);
  }

  // For steps

  planOf(correlationId: string) {
    const planned = this.#planned.get(correlationId);
    return planned && { is: planned.is, ms: planned.takesMs };
  }

  begun(is: string, correlationId: string): number {
    const before = this.#attempts.get(correlationId) ?? 0;
    this.#attempts.set(correlationId, before + 1);
    this.#conduct.begun(correlationId);
    if (is === 'slow' || is === 'throwing') this.#fired.push({ kind: is, states: ['doingTheNeedful'] });
    if (is === 'deaf' || is === 'endless') this.#fired.push({ kind: 'deaf', states: ['doingTheNeedful'] });
    return before;
  }

  ended(correlationId: string): void {
    if (this.crew.crashed.size === 0) this.#conduct.ended(correlationId);
  }

  setTimeout(fire: () => void, ms: number): unknown {
    return this.time.setTimeout(fire, ms);
  }

  clearTimeout(timer: unknown): void {
    this.time.clearTimeout(timer);
  }

  // Steps of the run

  #step(): boolean {
    this.#stepCount += 1;
    if (this.#stepCount > stepLimit) {
      this.#broken.push(`it does not come to rest in ${stepLimit} steps`);
      return false;
    }
    if (this.#phase === 'working' && this.#pending.length > 0 && this.#tryFaults()) {
      this.#moved = true;
      return true;
    }
    const dueCount = this.#bag.size;
    if (dueCount > 0) {
      const line = this.#bag.take(this.#choose(dueCount));
      this.#moved = !/^queue | (up|confirms)$/.test(line);
      return true;
    }
    this.#moved = true;
    this.#breach(wrongWhileWaiting(this.crew));
    return this.#clock.pass() || this.#rested();
  }

  #breach(sentences: readonly string[]): void {
    for (const sentence of sentences) if (!this.#broken.includes(sentence)) this.#broken.push(sentence);
  }

  #choose(count: number): number {
    if (count === 1) return 0;
    const { disorder } = this.#plan;
    let choice = (this.#chosen.get(this.#stepCount) ?? 0) % count;
    if (disorder > 0 && this.#random() * 100 < disorder) choice = below(this.#random, count);
    if (choice > 0) this.#picks.push([this.#stepCount, choice]);
    return choice;
  }

  /** Nothing is left to do: what comes then. */
  #rested(): boolean {
    switch (this.#phase) {
      case 'working': {
        // A fault whose step did not come happens now, if it can; one whose state did not come does not.
        const fault = this.#pending.find(({ state }) => state === '') ?? this.#lastResort();
        this.#pending = this.#pending.filter((other) => other !== fault);
        if (fault) {
          this.#fire(fault);
          return true;
        }
        this.#phase = 'probing';
        for (const { name } of this.crew.members) this.broker.link(name)?.forgive();
        this.#send('probe', { is: 'quick', afterMs: 0, takesMs: 0, persistent: true });
        return true;
      }
      case 'probing':
        if (!this.#isAnswered('probe')) this.#broken.push('after all faults a job is not answered');
        this.#breach(wrongAtRest(this.crew));
        this.#phase = 'ending';
        this.crew.close();
        return true;
      case 'ending':
        if (this.crew.members.length > 0) this.#broken.push('a worker does not stop');
        return false;
    }
  }

  /** No run without a fault, unless none was planned. */
  #lastResort(): PlannedFault | undefined {
    const [planned] = this.#plan.faults;
    if (planned === undefined || this.#happened) return undefined;
    return { ...planned, kind: 'cut', state: '' };
  }

  #isAnswered(id: string): boolean {
    const job = this.#ledger.jobs.get(id);
    return job?.replies.some(({ status }) => status === 'completed') === true;
  }

  #send(id: string, planned: PlannedJob): void {
    const { is, takesMs, persistent } = planned;
    this.#planned.set(id, planned);
    const replyTo = this.replyQueueOf(id);
    if (is !== 'gone' && is !== 'mute') {
      this.broker.declare({ exchanges: [], queues: [{ name: replyTo, durable: true }], bindings: [] });
    }
    const address = { replyTo: is === 'mute' ? null : replyTo, correlationId: id };
    const message = this.#policy.job
      ? this.#policy.job(is, { ...address, group: this.#name })
      : releaseEngine.encodeJob(
          {
            step: `${workerName}:${is === 'invalid' && namesNoStep(takesMs) ? 'Undo' : 'Do'}`,
            group: this.#name,
            notify: { [latePhase]: { somebody: [] } },
            parameters: is === 'invalid' ? {} : { is, ms: takesMs },
          },
          address,
        );
    const sent = { ...message, properties: { ...message.properties, persistent } };
    this.#messages.set(id, sent);
    if (this.#closed) this.#waiting.push(sent);
    else this.broker.publish(sent);
  }

  /** Whether one happened. */
  #tryFaults(): boolean {
    const happened = this.#pending.find((fault) => {
      // At its step it is tried in any case, later only where something has changed for it.
      const isLater = fault.step < this.#stepCount || fault.state !== '';
      return fault.step <= this.#stepCount && (!isLater || this.#moved) && this.#fire(fault);
    });
    if (happened === undefined) return false;
    this.#pending = this.#pending.filter((other) => other !== happened);
    return true;
  }

  #fire(fault: PlannedFault): boolean {
    const aim = this.#aimOf(fault);
    if (aim === undefined) return false;
    const { hits, happen } = faults[fault.kind];
    const members = hits === 'all' ? [...this.crew.members] : [aim.member];
    const states =
      hits === 'lane'
        ? [aim.lane.state]
        : members.flatMap((member) => this.crew.lanesOf(member).map(({ state }) => state));
    if (!happen(this, aim)) return false;
    this.#happened = true;
    this.#fired.push({ kind: fault.kind, states });
    this.#note(hits === 'all' ? 'broker' : aim.member.name, `FAULT ${fault.kind} (${states.join(', ')})`);
    return true;
  }

  #aimOf(fault: PlannedFault): Aim | undefined {
    const aims: Aim[] = [];
    const all = (member: Member) => {
      for (const lane of this.crew.lanesOf(member)) {
        if (fault.state === '' || lane.state === fault.state) aims.push({ fault, member, lane });
      }
    };
    for (const member of this.crew.members) all(member);
    return aims[fault.target % Math.max(aims.length, 1)];
  }

  readonly #onWarning = (warning: Error): void => {
    if (warning.name === 'NeedfulWarning') this.#broken.push(warning.message);
  };

  #note(where: string, text: string): void {
    this.#add(at(where, text));
  }

  #add(line: Omit<TraceLine, 'step' | 'ms'> | null): void {
    if (line && this.#records) this.#trace.push({ step: this.#stepCount, ms: this.#clock.now, ...line });
  }
}
