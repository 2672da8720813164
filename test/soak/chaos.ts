// Deals strikes to a crew and its broker; those that last go on beside the next ones. One that cannot fall just now, as a drain
// while the broker is away, waits for its time: nobody could tell afterwards what it has cost.
import type { Broker } from '../../scripts/broker.js';
import { type Operator, operate } from '../operator.js';
import type { Member } from './crew.js';
import { type Strike, type StrikeKind, strikeKinds, strikes } from './strikes.js';

export interface ChaosReport {
  readonly struck: Record<StrikeKind, number>;
  /** When the broker was killed. */
  readonly crashes: number[];
  readonly log: string[];
}

export interface Grounds {
  readonly broker: Broker;
  readonly members: readonly Member[];
  /** They are neither killed nor drained. */
  readonly firsts: ReadonlySet<Member>;
  readonly onStrike: (line: string) => void;
}

const alarmMs = 3000;
/** Longer than the broker waits for a heartbeat. */
const suspendedMs = 7000;
const attemptLimit = 3;
/** Of the kills, those that may find a worker that begins. */
const beginnersShare = 0.2;

const none = () => Object.fromEntries(strikeKinds.map((kind) => [kind, 0])) as Record<StrikeKind, number>;
const later = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

export class Chaos {
  readonly report: ChaosReport = { struck: none(), crashes: [], log: [] };
  readonly #grounds: Grounds;
  #operator: Operator;
  #brokerIsUp = true;
  #alarmIsOn = false;
  #due: Strike[] = [];
  readonly #lasting = new Set<Promise<void>>();
  /** What a broker that goes away would disturb. */
  readonly #delicate = new Set<Promise<void>>();
  #wake = () => {};
  #rages = false;

  private constructor(grounds: Grounds, operator: Operator) {
    this.#grounds = grounds;
    this.#operator = operator;
  }

  static async begin(grounds: Grounds): Promise<Chaos> {
    return new Chaos(grounds, await patiently(() => operate(grounds.broker.rabbitmqctl)));
  }

  get operator(): Operator {
    return this.#operator;
  }

  /** Until `calm`. */
  async rage(seed: number): Promise<void> {
    this.#rages = true;
    for (const strike of strikes(seed)) {
      await this.#pause(strike.pauseMs);
      if (!this.#rages) break;
      this.#due.push(strike);
      const next = this.#due.find((due) => this.#deal(due));
      this.#due = this.#due.filter((due) => due !== next);
    }
  }

  /** Resolves when all that lasts is over. */
  async calm(): Promise<void> {
    this.#rages = false;
    this.#wake();
    while (this.#lasting.size > 0) await Promise.all(this.#lasting);
  }

  end(): void {
    this.#operator.end();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Whether it fell. */
  #deal(strike: Strike): boolean {
    const { kind, choice } = strike;
    const isWhole = this.#brokerIsUp && !this.#alarmIsOn;
    switch (kind) {
      case 'alarm':
        return isWhole && this.#fall(kind, 'the broker', () => this.#alarm());
      case 'crash':
        return isWhole && this.#fall(kind, 'the broker', () => this.#crash());
      case 'restart':
        return isWhole && this.#fall(kind, 'the broker', () => this.#restart());
      case 'drain':
        return isWhole && this.#befall(strike, (victim) => this.#delicately(victim.drain()));
      case 'close':
        return (
          this.#brokerIsUp &&
          this.#befall(strike, ({ place }) => this.#delicately(this.#operator.cut(place.connection)))
        );
      case 'kill':
        return this.#befall(strike, (victim) => victim.kill());
      case 'suspend':
        return this.#befall(strike, suspend);
      case 'reset':
        return this.#befall(strike, ({ place }) => place.cable.reset());
      case 'finish':
        return this.#befall(strike, ({ place }) => place.cable.finish());
      case 'freeze': {
        const way = choice < 0.5 ? undefined : choice < 0.75 ? 'toBroker' : 'toClient';
        return this.#befall(strike, ({ place }) => place.cable.freeze(way));
      }
    }
  }

  /**
   * Strikes one of those that are up; a kill may also find one that stands still and, now and then, one that begins. Were
   * that usual, a busy machine would do nothing but begin.
   */
  #befall({ kind, worker, choice }: Strike, strike: (victim: Member) => Promise<void> | void): boolean {
    const { members, firsts } = this.#grounds;
    const victims = members.filter((member) => {
      if ((kind === 'kill' || kind === 'drain') && firsts.has(member)) return false;
      if (kind === 'kill' && member.state === 'starting') return choice < beginnersShare;
      return member.state === 'up' || (kind === 'kill' && member.state === 'suspended');
    });
    const victim = victims[Math.floor(worker * victims.length)];
    return victim !== undefined && this.#fall(kind, victim.place.connection, async () => strike(victim));
  }

  #fall(kind: StrikeKind, what: string, work: () => Promise<void>): true {
    this.#say(`${kind} ${what}`);
    this.report.struck[kind] += 1;
    const lasting: Promise<void> = work()
      .catch((error: unknown) => this.#say(`${kind} ${what} failed: ${error}`))
      .finally(() => this.#lasting.delete(lasting));
    this.#lasting.add(lasting);
    return true;
  }

  #say(line: string): void {
    this.report.log.push(`${new Date().toISOString()} ${line}`);
    this.#grounds.onStrike(line);
  }

  async #delicately(work: Promise<void>): Promise<void> {
    this.#delicate.add(work);
    await work.finally(() => this.#delicate.delete(work));
  }

  async #alarm(): Promise<void> {
    this.#alarmIsOn = true;
    await Promise.all(this.#delicate);
    await this.#operator.alarm(true);
    await later(alarmMs);
    await this.#operator.alarm(false);
    this.#alarmIsOn = false;
  }

  async #crash(): Promise<void> {
    const { broker } = this.#grounds;
    this.#brokerIsUp = false;
    await Promise.all(this.#delicate);
    this.report.crashes.push(Date.now());
    await broker.crash();
    this.#operator.end();
    await broker.revive();
    this.#operator = await patiently(() => operate(broker.rabbitmqctl));
    this.#brokerIsUp = true;
  }

  async #restart(): Promise<void> {
    this.#brokerIsUp = false;
    await Promise.all(this.#delicate);
    await this.#operator.evaluate('rabbit:stop()');
    await this.#operator.evaluate('rabbit:start()');
    this.#brokerIsUp = true;
  }
}

/** A command of RabbitMQ's may be killed for its slowness where the machine has other things to do. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attemptLimit) throw error;
    }
  }
}

async function suspend(victim: Member): Promise<void> {
  victim.suspend();
  await later(suspendedMs);
  victim.resume();
}
