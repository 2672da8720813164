// Gathers what is wrong on many ways through a flow, so that a state's defect is told once: with its shortest way.
import type { FlowDefectCode, Found } from './flow-defect.js';

interface OnWay {
  readonly code: FlowDefectCode;
  readonly state: string;
  readonly way: readonly string[];
  /** Makes the line; it is given the ways. */
  readonly message: (ways: string) => string;
}

export function gatherByState() {
  const all = new Map<string, OnWay & { readonly ways: Set<string> }>();
  return {
    add(met: OnWay): void {
      const key = `${met.code} ${met.state}`;
      const known = all.get(key);
      const ways = (known?.ways ?? new Set()).add(met.way.join(' -> '));
      const first = known === undefined || met.way.length < known.way.length ? met : known;
      all.set(key, { ...first, ways });
    },
    tell(found: Found): void {
      for (const { code, state, way, ways, message } of all.values()) {
        const count = ways.size - 1;
        const others = count === 0 ? '' : ` (and ${count} other ${count === 1 ? 'way' : 'ways'})`;
        found(code, state, message(`${way.join(' -> ')}${others}`));
      }
    },
  };
}
