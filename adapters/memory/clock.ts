// Time, as far as the embedded broker needs any: the longest wait of a close. XState's SimulatedClock fits as it is.

export interface BrokerClock {
  setTimeout(fn: () => void, timeoutMs: number): unknown;
  clearTimeout(id: unknown): void;
}

export const systemClock: BrokerClock = {
  setTimeout: (fn, timeoutMs) => setTimeout(fn, timeoutMs),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
};
