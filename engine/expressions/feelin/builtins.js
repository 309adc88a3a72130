/*
 * Built-in functions that feelin lacks or takes otherwise than the standard (DMN 10.3.4), put in place of its own.
 *
 * Each is null for what it is not made for. `fn` is feelin's: it checks arguments against `number`, `string?` and so on, with
 * a list of one standing for its item. What is not here is feelin's, and right.
 */
import { DateTime, SystemZone } from 'luxon';
import { builtins, evaluate, fn, listFn } from '@bpmn-io/feelin';
import { calculated, modulo, rounded } from './calculate.js';
import { dayOf, equals, isNil, kindOf, order } from './kinds.js';
import * as moments from './moments.js';
import { rangeFrom, RANGE_FUNCTIONS } from './ranges.js';
import { regexp, replacing } from './patterns.js';
import { abs, textOf } from './texts.js';

const isWhole = Number.isInteger;
const named = (names, run) => Object.assign(run, { $args: names });

// ---- conversion

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const SEPARATORS = { grouping: [ ' ', ',', '.' ], decimal: [ ',', '.' ] };

function number(from, grouping = null, decimal = null) {
  if (kindOf(from) !== 'string' || (grouping !== null && !SEPARATORS.grouping.includes(grouping))
      || (decimal !== null && !SEPARATORS.decimal.includes(decimal)) || (grouping !== null && grouping === decimal)) {
    return null;
  }
  const text = (grouping === null ? from : from.split(grouping).join('')).trim();
  const plain = decimal === ',' ? text.replace(/[.,]/g, sign => sign === ',' ? '.' : '#') : text;
  return NUMBER.test(plain) ? Number(plain) : null;
}

function date(...args) {
  const [ from, month, day ] = args[0] === undefined ? [ args[3] ] : args;
  if (month !== undefined || day !== undefined) {
    return [ from, month, day ].every(isWhole) && args.length < 4 ? dayOf(from, month, day) : null;
  }
  return dateOfOne(args.length === 1 && Array.isArray(from) && from.length === 1 ? from[0] : from);
}

function dateOfOne(from) {
  const kind = kindOf(from);
  if (kind === 'string') {
    return moments.dateFrom(from);
  }
  return kind === 'date' || kind === 'date time' ? dayOf(from.year, from.month, from.day) : null;
}

const PARTS = [ 'year', 'month', 'day', 'hour', 'minute', 'second' ];
const DATE_TIME = [ 'date', 'time', 'from', ...PARTS, 'offset', 'timezone' ];

function dateTime(...args) {
  const [ first, second ] = args;
  if (kindOf(first) === 'number') {
    return args.slice(0, 6).every(each => kindOf(each) === 'number') && args.length >= 6 && args.length <= 7
      ? moments.dateTimeOfNumbers(args.slice(0, 6), args[6])
      : null;
  }
  const numbers = args.slice(3, 9);
  if (numbers.some(each => each !== undefined)) {
    return numbers.length === 6 && numbers.every(each => kindOf(each) === 'number')
      ? moments.dateTimeOfNumbers(numbers, args[9] ?? args[10])
      : null;
  }
  const whole = first === undefined ? args[2] : first;
  if (second !== undefined) {
    const day = [ 'date', 'date time' ].includes(kindOf(first));
    return day && kindOf(second) === 'time' ? moments.dateTimeOf(first, second) : null;
  }
  return dateTimeOfOne(whole);
}

function dateTimeOfOne(from) {
  switch (kindOf(from)) {
  case 'string': return moments.dateTimeFrom(from);
  case 'date time': return from;
  case 'date': return from.setZone(SystemZone.instance, { keepLocalTime: true });
  default: return null;
  }
}

function time(...args) {
  const first = args[0] === undefined ? args[4] : args[0];
  switch (kindOf(first)) {
  case 'string': return args.length > 1 && args[0] !== undefined ? null : moments.timeFrom(first);
  case 'time': return first;
  case 'date':
  case 'date time': return moments.timeOfMoment(first);
  case 'number': return args.slice(1, 3).length === 2 && args.slice(1, 3).every(each => kindOf(each) === 'number')
    ? moments.timeOfNumbers(first, args[1], args[2], args[3])
    : null;
  default: return null;
  }
}

function months(from, to) {
  const days = [ 'date', 'date time' ];
  return days.includes(kindOf(from)) && days.includes(kindOf(to)) ? moments.monthsBetween(from, to) : null;
}

/** The value of one literal (a number, text, `@"..."` or a call such as `date("...")`), for the ends of a range. */
function literal(text) {
  try {
    return evaluate(text, {}).value;
  } catch (problem) {
    if (problem.name !== 'Error') {
      throw problem;
    }
    return null;
  }
}

const conversions = {
  number: named([ 'from', 'grouping separator', 'decimal separator' ], number),
  string: fn(from => isNil(from) ? null : textOf(from), [ 'any' ], [ 'from' ]),
  date: named([ 'year', 'month', 'day', 'from' ], date),
  'date and time': named(DATE_TIME, dateTime),
  time: named([ 'hour', 'minute', 'second', 'offset', 'from' ], time),
  duration: fn(moments.durationFrom, [ 'string' ], [ 'from' ]),
  'years and months duration': named([ 'from', 'to' ], months),
  range: fn(from => rangeFrom(from, literal), [ 'string' ], [ 'from' ]),
  '@': fn(moments.literal, [ 'string' ]),
  now: named([], () => DateTime.now().setZone(SystemZone.instance)),
  today: named([], () => {
    const { year, month, day } = DateTime.now().setZone(SystemZone.instance);
    return dayOf(year, month, day);
  }),
  is: named([ 'value1', 'value2' ], (a, b) => a !== undefined && b !== undefined && equals(a, b, true))
};

// ---- text

function substring(text, start, length) {
  const signs = Array.from(text);
  const from = start > 0 ? start - 1 : signs.length + start;
  if (start === 0 || from < 0 || (length !== undefined && length !== null && length < 1)) {
    return null;
  }
  return signs.slice(from, isNil(length) ? undefined : from + length).join('');
}

const texts = {
  substring: fn(substring, [ 'string', 'number', 'number?' ], [ 'string', 'start position', 'length' ]),
  matches: fn((input, pattern, flags) => {
    const found = regexp(pattern, flags ?? '');
    return found && found.test(input);
  }, [ 'string', 'string', 'string?' ], [ 'input', 'pattern', 'flags' ]),
  replace: fn((input, pattern, replacement, flags) => {
    const found = regexp(pattern, flags ?? '', 'g');
    return found && input.replace(found, replacing(replacement));
  }, [ 'string', 'string', 'string', 'string?' ], [ 'input', 'pattern', 'replacement', 'flags' ]),
  split: fn((text, delimiter) => {
    const found = regexp(delimiter);
    return found && text.split(found);
  }, [ 'string', 'string' ], [ 'string', 'delimiter' ])
};

// ---- lists

/** The place from 0 of a position from 1, or from the end when negative; null when there is none. */
function placeOf(list, position) {
  const place = position > 0 ? position - 1 : list.length + position;
  return isWhole(position) && position !== 0 && place >= 0 && place < list.length ? place : null;
}

function sublist(list, position, length) {
  const place = placeOf(list, position);
  if (place === null || (!isNil(length) && (length < 1 || place + length > list.length))) {
    return null;
  }
  return list.slice(place, isNil(length) ? undefined : place + length);
}

function replaced(list, place, item) {
  return place === null ? null : [ ...list.slice(0, place), item, ...list.slice(place + 1) ];
}

function listReplace(list, position, item, match) {
  const matcher = isNil(position) ? match : position;
  if (!Array.isArray(list)) {
    return isNil(list) ? null : listReplace([ list ], position, item, match);
  }
  if (kindOf(matcher) === 'number') {
    return replaced(list, placeOf(list, matcher), item);
  }
  if (kindOf(matcher) !== 'function' || matcher.parameterNames.length !== 2) {
    return null;
  }
  const verdicts = list.map(each => matcher.invoke([ each, item ]));
  return verdicts.every(verdict => typeof verdict === 'boolean')
    ? list.map((each, place) => verdicts[place] ? item : each)
    : null;
}

/** The least by an ordering; null when the items cannot be ordered. */
function least(list, sign) {
  return list.length && list.every(each => !isNil(each) && order(each, list[0]) !== null)
    ? list.reduce((best, each) => sign * order(each, best) < 0 ? each : best)
    : null;
}

function sorted(list, precedes) {
  return [ ...list ].sort((a, b) => {
    if (precedes.invoke([ a, b ]) === true) {
      return -1;
    }
    return precedes.invoke([ b, a ]) === true ? 1 : 0;
  });
}

const summed = list => list.length ? list.reduce((sum, each) => calculated('+', sum, each)) : null;

function median(list) {
  const ordered = [ ...list ].sort((a, b) => a - b), middle = Math.floor(ordered.length / 2);
  if (!ordered.length) {
    return null;
  }
  return ordered.length % 2 ? ordered[middle] : calculated('/', calculated('+', ordered[middle - 1], ordered[middle]), 2);
}

function mode(list) {
  const counts = new Map();
  list.forEach(each => counts.set(each, (counts.get(each) ?? 0) + 1));
  const most = Math.max(...counts.values());
  return [ ...counts.keys() ].filter(each => counts.get(each) === most).sort((a, b) => a - b);
}

function deviation(list) {
  if (list.length < 2) {
    return null;
  }
  const mean = calculated('/', summed(list), list.length);
  return Math.sqrt(list.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (list.length - 1));
}

/** A list given as one argument or as many. */
const spread = args => args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
const extreme = sign => named([ '...list' ], (...args) => args.length ? least(spread(args), sign) : null);
const numeric = run => listFn((...list) => run(list), 'number', [ '...list' ]);
const has = (list, value) => list.findIndex(each => equals(each, value) === true);
const distinct = list => list.reduce((kept, each) => has(kept, each) < 0 ? [ ...kept, each ] : kept, []);

const lists = {
  'list contains': named([ 'list', 'element' ], (list, element) => isNil(list) || element === undefined
    ? null
    : has(Array.isArray(list) ? list : [ list ], element) >= 0),
  'index of': named([ 'list', 'match' ], (list, match) => isNil(list) || match === undefined
    ? null
    : (Array.isArray(list) ? list : [ list ]).flatMap((each, place) => equals(each, match) === true ? [ place + 1 ] : [])),
  'list replace': named([ 'list', 'position', 'newItem', 'match' ], listReplace),
  min: extreme(1),
  max: extreme(-1),
  sum: numeric(summed),
  mean: numeric(list => list.length ? calculated('/', summed(list), list.length) : null),
  product: numeric(list => list.length ? list.reduce((result, each) => calculated('*', result, each)) : null),
  median: numeric(median),
  mode: numeric(mode),
  stddev: numeric(deviation),
  sublist: fn(sublist, [ 'list', 'number', 'number?' ], [ 'list', 'start position', 'length' ]),
  'insert before': fn((list, position, item) => {
    const place = placeOf(list, position);
    return place === null ? null : [ ...list.slice(0, place), item, ...list.slice(place) ];
  }, [ 'list', 'number', 'any?' ], [ 'list', 'position', 'newItem' ]),
  remove: fn((list, position) => {
    const place = placeOf(list, position);
    return place === null ? null : list.filter((_, each) => each !== place);
  }, [ 'list', 'number' ], [ 'list', 'position' ]),
  'distinct values': fn(distinct, [ 'list' ], [ 'list' ]),
  union: listFn((...all) => distinct(all.flat()), 'list', [ '...list' ]),
  flatten: fn(list => list.flat(Infinity), [ 'list' ], [ 'list' ]),
  sort: fn(sorted, [ 'list', 'function' ], [ 'list', 'precedes' ])
};

// ---- numbers

const WAYS = {
  decimal: 'half even',
  'round up': 'up',
  'round down': 'down',
  'round half up': 'half up',
  'round half down': 'half down'
};
const whole = way => fn((n, scale) => scale === null ? null : rounded(way, n, scale ?? 0), [ 'number', 'number?' ], [ 'n', 'scale' ]);

const numbers = {
  ...Object.fromEntries(Object.entries(WAYS).map(([ name, way ]) => [
    name, fn((n, scale) => rounded(way, n, scale), [ 'number', 'number' ], [ 'n', 'scale' ])
  ])),
  floor: whole('floor'),
  ceiling: whole('ceiling'),
  abs: fn(abs, [ 'any' ], [ 'n' ]),
  modulo: fn((a, b) => b === 0 ? null : modulo(a, b), [ 'number', 'number' ], [ 'dividend', 'divisor' ])
};

// ---- the calendar of a date

const ofDay = run => named([ 'date' ], (...args) => {
  const [ moment ] = spread(args);
  return args.length === 1 && [ 'date', 'date time' ].includes(kindOf(moment)) ? run(moment) : null;
});

const calendar = {
  'day of year': ofDay(moment => moment.ordinal),
  'day of week': ofDay(moment => moment.weekdayLong),
  'month of year': ofDay(moment => moment.monthLong),
  'week of year': ofDay(moment => moment.weekNumber)
};

Object.assign(builtins, conversions, texts, lists, numbers, calendar, RANGE_FUNCTIONS);
