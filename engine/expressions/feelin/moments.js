/*
 * Dates, times and durations: from text and numbers, their properties, and their text (DMN 10.3.2.3.4 to 10.3.2.3.8, 10.3.4.1).
 *
 * What the standard does not take for a date is null here, never a date near by. Fractions of a second are kept to the
 * millisecond, years to some 270,000 either side, which is what JavaScript can hold.
 */
import { DateTime, Duration, FixedOffsetZone, IANAZone, SystemZone } from 'luxon';
import { ClockZone, DAY, dayOf, isMonthly, kindOf, lengthOf, offsetOf, timeOf, valid } from './kinds.js';

const YEAR = '-?(?:\\d{4}|[1-9]\\d{4,8})';
const DATE = new RegExp(`^(${YEAR})-(\\d\\d)-(\\d\\d)$`);
const TIME = /^(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[\w+\-/]+)?$/i;
const FARTHEST = 14 * 3600; // seconds; XML Schema's limit for offsets

export function dateFrom(text) {
  const found = DATE.exec(text);
  return found ? dayOf(Number(found[1]), Number(found[2]), Number(found[3])) : null;
}

function clock(text) {
  const found = TIME.exec(text);
  if (!found) {
    return null;
  }
  const [ hour, minute, second ] = found.slice(1, 4).map(Number);
  const zone = zoneFrom(found[5]);
  return zone && { hour, minute, second, millisecond: Math.trunc(Number(`0${found[4] ?? ''}`) * 1000), zone };
}

/** {seconds}, {named} or {} of `Z`, `+08:00`, `@Asia/Shanghai` or nothing; null when there is no such zone. */
function zoneFrom(text) {
  if (!text) {
    return {};
  }
  if (text.startsWith('@')) {
    const named = IANAZone.create(text.slice(1));
    return named.isValid ? { named } : null;
  }
  const [ hours, minutes, seconds = 0 ] = text.slice(1).split(':').map(Number);
  const size = /^z$/i.test(text) ? 0 : hours * 3600 + minutes * 60 + seconds;
  return size <= FARTHEST && (minutes ?? 0) < 60 && seconds < 60 ? { seconds: text[0] === '-' ? -size : size } : null;
}

const clockZone = ({ seconds, named }) => new ClockZone(seconds, named);

function instantZone({ seconds, named }) {
  return named ?? (seconds === undefined ? SystemZone.instance : FixedOffsetZone.instance(seconds / 60));
}

export function timeFrom(text) {
  const found = clock(text);
  return found && timeOf(found, clockZone(found.zone));
}

export function dateTimeFrom(text) {
  const [ day, hours ] = text.split(/T(.*)/s);
  const date = dateFrom(day), found = clock(hours ?? '00:00:00');
  if (!date || !found || found.hour > 23) {
    return null;
  }
  return joined(date, found, instantZone(found.zone));
}

function joined({ year, month, day }, { hour, minute, second, millisecond }, zone) {
  return valid(DateTime.fromObject({ year, month, day, hour, minute, second, millisecond }, { zone }));
}

/** The date of one, the time and zone of the other. */
export function dateTimeOf(date, time) {
  const { seconds, named } = time.zone;
  return joined(date, time, instantZone({ seconds: seconds ?? undefined, named: named ?? undefined }));
}

/** From numbers; `zone` is an offset as a duration, a zone's name, or nothing. */
export function dateTimeOfNumbers([ year, month, day, hour, minute, second ], zone) {
  const chosen = kindOf(zone) === 'string' ? zoneFrom(`@${zone}`) : offset(zone);
  const date = dayOf(year, month, day), time = chosen && date && hour < 24 && timed(hour, minute, second, chosen);
  return time ? dateTimeOf(date, time) : null;
}

function offset(zone) {
  if (kindOf(zone) === 'nil') {
    return {};
  }
  const seconds = kindOf(zone) === 'duration' && !isMonthly(zone) ? lengthOf(zone) / 1000 : NaN;
  return Math.abs(seconds) <= FARTHEST ? { seconds } : null;
}

function timed(hour, minute, second, zone) {
  const whole = Math.trunc(second);
  const millisecond = Math.round((second - whole) * 1000);
  return [ hour, minute, second ].every(each => each >= 0) && Number.isInteger(hour) && Number.isInteger(minute)
    ? timeOf({ hour, minute, second: whole, millisecond }, clockZone(zone))
    : null;
}

/** From numbers; `zone`: an offset as a duration, or nothing. */
export function timeOfNumbers(hour, minute, second, zone) {
  const chosen = offset(zone);
  return chosen && timed(hour, minute, second, chosen);
}

/** The time of a date and time, in its zone; of a date the midnight in UTC. */
export function timeOfMoment(moment) {
  const { zone } = moment;
  const kept = zone === DAY ? { seconds: 0 }
    : zone === SystemZone.instance ? {}
      : zone instanceof IANAZone ? { named: zone } : { seconds: moment.offset * 60 };
  return timeOf(moment, clockZone(kept));
}

const MONTHLY = /^-?P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?$/;
const DAILY = /^-?P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?)?$/;

export function durationFrom(text) {
  const monthly = MONTHLY.exec(text), found = monthly ?? DAILY.exec(text);
  if (!found) {
    return null;
  }
  const [ a = 0, b = 0, c = 0, d = 0 ] = found.slice(1).map(part => part && Number(part));
  const made = Duration.fromObject(monthly ? { years: a, months: b } : { days: a, hours: b, minutes: c, seconds: d });
  return valid(text.startsWith('-') ? made.negate() : made);
}

/** What `@"..."` means. */
export function literal(text) {
  if (/^-?P/.test(text)) {
    return durationFrom(text);
  }
  return /^\d\d:/.test(text) ? timeFrom(text) : text.includes('T') ? dateTimeFrom(text) : dateFrom(text);
}

/** Whole months between two dates or dates and times. */
export function monthsBetween(from, to) {
  const rest = moment => moment.day * 86_400_000 + moment.hour * 3_600_000 + moment.minute * 60_000
    + moment.second * 1000 + moment.millisecond;
  const months = (to.year - from.year) * 12 + to.month - from.month;
  const over = Math.sign(rest(to) - rest(from));
  return Duration.fromObject({ months: months > 0 && over < 0 ? months - 1 : months < 0 && over > 0 ? months + 1 : months });
}

// ---- properties

const whole = (length, unit, least) => Math.trunc(length / unit) % least;
const daily = (unit, least) => value => isMonthly(value) ? null : whole(lengthOf(value), unit, least) + 0;
const monthly = make => value => isMonthly(value) ? make(lengthOf(value)) + 0 : null;
const zoned = value => value.zone !== SystemZone.instance;
const DAYS = { year: value => value.year, month: value => value.month, day: value => value.day, weekday: value => value.weekday };
const HOURS = { hour: value => value.hour, minute: value => value.minute, second: value => value.second };

const PROPERTIES = {
  date: DAYS,
  'date time': {
    ...DAYS,
    ...HOURS,
    'time offset': value => zoned(value) ? Duration.fromMillis(value.offset * 60_000) : null,
    timezone: value => value.zone instanceof IANAZone ? value.zone.name : null
  },
  time: {
    ...HOURS,
    'time offset': value => zoneText(value) ? Duration.fromMillis(offsetOf(value) * 1000) : null,
    timezone: ({ zone }) => zone.named?.name ?? null
  },
  duration: {
    years: monthly(months => Math.trunc(months / 12)),
    months: monthly(months => months % 12),
    days: daily(86_400_000, Infinity),
    hours: daily(3_600_000, 24),
    minutes: daily(60_000, 60),
    seconds: value => isMonthly(value) ? null : lengthOf(value) % 60_000 / 1000 + 0
  },
  range: Object.fromEntries(
    [ 'start', 'end', 'start included', 'end included' ].map(name => [ name, value => value[name] ])
  )
};

/** A property of a value that is no context; undefined when it has none of that name. */
export function propertyOf(value, name) {
  const properties = PROPERTIES[kindOf(value)];
  return properties && Object.hasOwn(properties, name) ? properties[name](value) : undefined;
}

// ---- text

const two = number => String(number).padStart(2, '0');

function dayText({ year, month, day }) {
  return `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

function clockText({ hour, minute, second, millisecond }) {
  const rest = millisecond ? `.${String(millisecond).padStart(3, '0').replace(/0+$/, '')}` : '';
  return `${two(hour)}:${two(minute)}:${two(second)}${rest}`;
}

export function offsetText(seconds) {
  const size = Math.abs(seconds), rest = size % 60;
  const text = `${two(Math.floor(size / 3600))}:${two(Math.floor(size / 60) % 60)}${rest ? `:${two(rest)}` : ''}`;
  return seconds ? (seconds < 0 ? '-' : '+') + text : 'Z';
}

function zoneText(value) {
  const { zone } = value;
  if (zone instanceof ClockZone) {
    return zone.named ? `@${zone.named.name}` : zone.seconds === null ? '' : offsetText(zone.seconds);
  }
  return !zoned(value) ? '' : zone instanceof IANAZone ? `@${zone.name}` : offsetText(value.offset * 60);
}

function durationText(value) {
  const length = lengthOf(value), size = Math.abs(length);
  const parts = isMonthly(value)
    ? [ [ Math.trunc(size / 12), 'Y' ], [ size % 12, 'M' ] ]
    : [ [ whole(size, 86_400_000, Infinity), 'D' ] ];
  const hours = isMonthly(value) ? [] : [
    [ whole(size, 3_600_000, 24), 'H' ], [ whole(size, 60_000, 60), 'M' ], [ size % 60_000 / 1000, 'S' ]
  ];
  const written = list => list.filter(([ count ]) => count).map(([ count, unit ]) => count + unit).join('');
  const text = written(parts) + (written(hours) && `T${written(hours)}`);
  return `${length < 0 ? '-' : ''}P${text || (isMonthly(value) ? '0M' : 'T0S')}`;
}

/** The text of a temporal value, as the standard writes it. */
export function momentText(value, kind) {
  switch (kind) {
  case 'duration': return durationText(value);
  case 'date': return dayText(value);
  case 'time': return clockText(value) + zoneText(value);
  default: return `${dayText(value)}T${clockText(value)}${zoneText(value)}`;
  }
}
