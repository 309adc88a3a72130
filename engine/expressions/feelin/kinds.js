/*
 * What kind of value each FEEL value is, and how values of one kind are ordered and compared (DMN 10.3.2.3, 10.3.2.13).
 *
 * Dates, times, and dates and times are all luxon DateTimes; the zone tells which, for luxon carries it through every
 * operation: a date stands in DAY, a time in a ClockZone, all else is a date and time. So 1900-01-01 is a date like any
 * other, and midnight in UTC is an instant. A local date and time (SystemZone) is one in the unit's zone. Nothing here
 * calculates (calculate.js) or is called by name in an expression (builtins.js).
 */
import { DateTime, Duration, IANAZone, SystemZone, Zone } from 'luxon';
import { FunctionWrapper, Range } from '@bpmn-io/feelin';

/** A zone whose clock is the value's own: luxon sees UTC, what the offset means is kept beside it. */
class OwnZone extends Zone {
  get type() { return 'fixed'; }
  get name() { return 'UTC'; }
  get isUniversal() { return true; }
  get isValid() { return true; }
  offset() { return 0; }
  offsetName() { return 'UTC'; }
  formatOffset() { return '+00:00'; }
  equals(other) { return other === this; }
}

export const DAY = new OwnZone();

/** The zone of a time: `seconds` east of UTC, or a named zone, or neither (a local time). */
export class ClockZone extends OwnZone {
  constructor(seconds = null, named = null) {
    super();
    this.seconds = seconds;
    this.named = named;
  }
}

const SOME_DAY = { year: 2000, month: 1, day: 1 };

/** A day by its numbers; null when the calendar has no such day. */
export function dayOf(year, month, day) {
  return valid(DateTime.fromObject({ year, month, day }, { zone: DAY }));
}

/** A time by its numbers; null when the clock has no such time. */
export function timeOf({ hour, minute, second, millisecond = 0 }, zone) {
  return hour < 24 ? valid(DateTime.fromObject({ ...SOME_DAY, hour, minute, second, millisecond }, { zone })) : null;
}

export const valid = value => value.isValid ? value : null;
export const isNil = value => value === null || value === undefined;

const PLAIN = { boolean: 'boolean', number: 'number', string: 'string' };

/** feelin's names of kinds; `literal` is anything that is no FEEL value. */
export function kindOf(value) {
  if (isNil(value)) {
    return 'nil';
  }
  return PLAIN[typeof value] ?? kindOfObject(value);
}

function kindOfObject(value) {
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return 'context';
  }
  if (Array.isArray(value)) {
    return 'list';
  }
  if (DateTime.isDateTime(value)) {
    return value.zone === DAY ? 'date' : value.zone instanceof ClockZone ? 'time' : 'date time';
  }
  if (Duration.isDuration(value)) {
    return 'duration';
  }
  return value instanceof Range ? 'range' : value instanceof FunctionWrapper ? 'function' : 'literal';
}

/** Whether a duration is one of years and months. */
export function isMonthly(duration) {
  const parts = duration.toObject();
  return 'months' in parts || 'years' in parts || 'quarters' in parts;
}

/** The months of a duration of years and months, else its milliseconds. */
export function lengthOf(duration) {
  return isMonthly(duration)
    ? (duration.years ?? 0) * 12 + (duration.quarters ?? 0) * 3 + (duration.months ?? 0)
    : duration.toMillis();
}

/** The offset of a time in seconds; of a local time that of the unit's zone. */
export function offsetOf(time) {
  const { seconds, named } = time.zone;
  return seconds ?? (named ?? SystemZone.instance).offset(time.valueOf()) * 60;
}

/** A number that orders temporal values of comparable kinds: a date among instants is its local midnight. */
function moment(value, kind, other) {
  if (kind === 'time') {
    return value.valueOf() - offsetOf(value) * 1000;
  }
  return kind === 'date' && other !== 'date'
    ? value.setZone(SystemZone.instance, { keepLocalTime: true }).valueOf()
    : value.valueOf();
}

const INSTANTS = [ 'date', 'date time' ];

/** Negative, 0 or positive; null when the two cannot be ordered. */
export function order(a, b) {
  const left = kindOf(a), right = kindOf(b);
  if (left !== right) {
    return INSTANTS.includes(left) && INSTANTS.includes(right) ? moment(a, left, right) - moment(b, right, left) : null;
  }
  switch (left) {
  case 'number': return a - b;
  case 'string': return a < b ? -1 : a > b ? 1 : 0;
  case 'date':
  case 'date time':
  case 'time': return moment(a, left, right) - moment(b, right, left);
  case 'duration': return isMonthly(a) === isMonthly(b) ? lengthOf(a) - lengthOf(b) : null;
  default: return null;
  }
}

/** FEEL's `=`: null when the kinds differ; a list of one equals its item. */
export function equals(a, b, strict = false) {
  if (isNil(a) || isNil(b)) {
    return isNil(a) && isNil(b);
  }
  if (strict) {
    return alike(a, b);
  }
  if (Array.isArray(a) !== Array.isArray(b)) {
    const [ list, one ] = Array.isArray(a) ? [ a, b ] : [ b, a ];
    return list.length === 1 ? equals(list[0], one) : null;
  }
  const kind = kindOf(a), other = kindOf(b);
  if (kind !== other) {
    return INSTANTS.includes(kind) && INSTANTS.includes(other) ? order(a, b) === 0 : null;
  }
  return sameKind(kind, a, b);
}

function sameKind(kind, a, b) {
  switch (kind) {
  case 'boolean':
  case 'string':
  case 'number': return a === b;
  case 'list': return a.length === b.length && a.every((each, place) => equals(each, b[place]) === true);
  case 'context': return sameEntries(a, b);
  case 'range': return sameRange(a, b);
  case 'function':
  case 'literal': return a === b;
  default: {
    const found = order(a, b);
    return found === null ? null : found === 0;
  }
  }
}

function sameEntries(a, b) {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length
    && keys.every(key => Object.hasOwn(b, key) && equals(a[key], b[key]) === true);
}

function sameRange(a, b) {
  return a.sign === b.sign
    && a['start included'] === b['start included'] && a['end included'] === b['end included']
    && equals(a.start, b.start) === true && equals(a.end, b.end) === true;
}

/** FEEL's `is`: the same kind, the same value, written in the same zone. */
function alike(a, b) {
  const kind = kindOf(a);
  if (kind !== kindOf(b) || (kind === 'duration' && isMonthly(a) !== isMonthly(b))) {
    return false;
  }
  return equals(a, b) === true && (![ 'time', 'date time' ].includes(kind) || sameZone(a, b));
}

const nameOf = ({ zone }) => zone.named?.name ?? (zone instanceof IANAZone ? zone.name : null);

function sameZone(a, b) {
  if (nameOf(a) !== nameOf(b)) {
    return false;
  }
  return a.zone instanceof ClockZone
    ? a.zone.seconds === b.zone.seconds
    : (a.zone === SystemZone.instance) === (b.zone === SystemZone.instance) && a.offset === b.offset;
}
