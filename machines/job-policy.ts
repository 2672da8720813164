// What a worker decides about its jobs that shows in the drawing of their flow.

/** When a delivery is acknowledged: taken, found valid, or done with and answered. */
export type Acknowledge = 'received' | 'verified' | 'settled';

export interface JobPolicy<K extends Acknowledge = Acknowledge> {
  /**
   * `received`: when a lane takes the delivery, as in the tutorial; a crash loses the job. `verified`: once it is found
   * valid. `settled`: after its final reply; a crash runs it again. Default `received` (docs/reliability.md).
   */
  readonly acknowledge?: K;
  /**
   * What is done when it is not known whether a final reply arrived. `resend`: it is sent again with the same message id,
   * so it may arrive twice. `giveUp`: it is not, so it may never have arrived. Default `resend`.
   */
  readonly unknownReply?: 'resend' | 'giveUp';
  /**
   * What a running step does when its delivery is lost, so that the broker gives the job to a worker again; only with
   * `acknowledge: 'settled'`. `abort`: it is aborted. `finish`: it ends, and nobody is told how. Default `abort`.
   */
  readonly deliveryLost?: 'abort' | 'finish';
}
