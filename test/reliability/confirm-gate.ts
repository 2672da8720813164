// Looks into what a broker sends, frame by frame, and lets confirms through or not: what a worker published is at the broker,
// and the worker never learns it.

export interface ConfirmGate {
  /** For a proxy. */
  readonly edit: (bytes: Buffer) => Buffer;
  /** Lets so many confirms through from now on, then holds back all. `onLast` is called before the last of them passes. */
  allow(count: number, onLast?: () => void): void;
}

const frameOverhead = 8;
const methodFrame = 1;
/** basic.ack, from a broker: a confirm. */
const confirm = { class: 60, method: 80 };

export function createConfirmGate(): ConfirmGate {
  let rest = Buffer.alloc(0);
  let left = Number.POSITIVE_INFINITY;
  let onLast = () => {};

  const passes = (frame: Buffer): boolean => {
    const isConfirm =
      frame[0] === methodFrame &&
      frame.readUInt16BE(7) === confirm.class &&
      frame.readUInt16BE(9) === confirm.method;
    if (!isConfirm) return true;
    left -= 1;
    if (left === 0) onLast();
    return left >= 0;
  };
  return {
    edit(bytes) {
      rest = Buffer.concat([rest, bytes]);
      const passed: Buffer[] = [];
      while (rest.length >= 7 && rest.length >= rest.readUInt32BE(3) + frameOverhead) {
        const end = rest.readUInt32BE(3) + frameOverhead;
        const frame = rest.subarray(0, end);
        rest = rest.subarray(end);
        if (passes(frame)) passed.push(frame);
      }
      return Buffer.concat(passed);
    },
    allow(count, then = () => {}) {
      left = count;
      onLast = then;
    },
  };
}
