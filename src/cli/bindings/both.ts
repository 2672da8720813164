// What was found over AMQP and through the management API, as one finding for each thing: the worse of both.
import type { Finding } from './finding.js';
import { othersMayFollow } from './over-amqp.js';

export function both(
  overAmqp: readonly Finding[],
  throughManagement: readonly Finding[],
): readonly Finding[] {
  return throughManagement.map((seen) => {
    const other = overAmqp.find(
      ({ thing }) => thing.kind === seen.thing.kind && nameOf(thing) === nameOf(seen.thing),
    );
    // AMQP cannot list bindings.
    if (other === undefined || other.checkedBy.length === 0) return seen;
    const checkedBy = [...other.checkedBy, ...seen.checkedBy];
    if ((other.state === 'missing') !== (seen.state === 'missing')) {
      const [there, missing] = other.state === 'missing' ? [managementApi, 'AMQP'] : ['AMQP', managementApi];
      const detail = `${there} finds it and ${missing} does not: do both addresses lead to the same broker and virtual host?`;
      return { ...seen, state: 'missing', detail, checkedBy };
    }
    if (seen.state === 'missing') return { ...other, checkedBy };
    const state = other.state === 'different' ? 'different' : seen.state;
    // The management API tells all of them.
    const heard = seen.state === 'different' ? other.detail.replace(othersMayFollow, '') : other.detail;
    const details = [seen.detail, heard].filter((detail) => detail !== '');
    return { ...seen, ...(state && { state }), detail: [...new Set(details)].join('; '), checkedBy };
  });
}

const managementApi = 'the management API';

const nameOf = (thing: Finding['thing']) => (thing.kind === 'binding' ? '' : thing.spec.name);
