/*
 * Ranges: what lies in one, what a loop over one gives, how two of them stand to each other (DMN 10.3.2.7, 10.3.4.9).
 *
 * A range made by a comparison (`< 10`) keeps its sign and is open at the other end; one written with both ends is not open
 * where an end is null, and says null of whatever that end would decide.
 */
import { Range } from '@bpmn-io/feelin';
import { equals, isNil, kindOf, order } from './kinds.js';

const ORDERED = [ 'number', 'string', 'date', 'time', 'date time', 'duration' ];
const STEPPED = { number: (value, step) => value + step, date: (value, step) => value.plus({ days: step }) };

function made(parts, includes, map) {
  return new Range({ ...parts, includes, map });
}

const parts = (start, end, startIncluded, endIncluded, sign = '') => (
  { start, end, 'start included': startIncluded, 'end included': endIncluded, sign }
);
const nothing = () => null;
const unsteppable = () => null;

/** Whether a value lies on the right side of an end; null when they cannot be ordered. */
function within(distance, included) {
  return distance === null ? null : included ? distance <= 0 : distance < 0;
}

function both(left, right) {
  return left === false || right === false ? false : left === null || right === null ? null : true;
}

/** `[start..end]` and its kin. */
export function rangeOf(start, end, startIncluded = true, endIncluded = true) {
  start ??= null;
  end ??= null;
  const kinds = [ start, end ].filter(each => each !== null).map(kindOf);
  if (!kinds.length || !ORDERED.includes(kinds[0]) || kinds.some(kind => kind !== kinds[0])) {
    return made(parts(start, end, false, false), nothing, unsteppable);
  }
  const ends = parts(start, end, startIncluded && start !== null, endIncluded && end !== null);
  const includes = value => both(
    start === null ? null : within(order(start, value), startIncluded),
    end === null ? null : within(order(value, end), endIncluded)
  );
  const step = start !== null && end !== null && STEPPED[kinds[0]];
  return made(ends, includes, step ? run => stepped(start, end, ends, step, run) : unsteppable);
}

/** Each value from one end to the other, downwards too. */
function stepped(start, end, ends, step, run) {
  const direction = Math.sign(order(end, start)) || 1;
  const results = [];
  let value = ends['start included'] ? start : step(start, direction);
  for (;;) {
    const left = direction * order(end, value);
    if (!(left > 0 || (left === 0 && ends['end included']))) {
      return results;
    }
    results.push(run(value));
    value = step(value, direction);
  }
}

const SIGNS = {
  '<': (value, other) => within(order(value, other), false),
  '<=': (value, other) => within(order(value, other), true),
  '>': (value, other) => within(order(other, value), false),
  '>=': (value, other) => within(order(other, value), true),
  '=': (value, other) => equals(value, other),
  '!=': (value, other) => !equals(value, other)
};
const PARTS = {
  '<': value => parts(null, value, false, false, '<'),
  '<=': value => parts(null, value, false, true, '<='),
  '>': value => parts(value, null, false, false, '>'),
  '>=': value => parts(value, null, true, false, '>='),
  '=': value => parts(value, value, true, true, '='),
  '!=': value => parts(value, value, false, false, '!=')
};

/** `< value` and its kin: a comparison that waits for its left side. */
export function compared(sign, value) {
  const test = SIGNS[sign];
  return made(PARTS[sign](value), tested => test(tested, value), unsteppable);
}

// ---- relations

const isRange = value => value instanceof Range;
const before = (a, b) => order(a, b) < 0;
const meet = (a, b) => order(a, b) === 0;

const starts = (a, b) => before(a.start, b.start)
  || (meet(a.start, b.start) && (a['start included'] || !b['start included']));
const startsEarlier = (a, b) => before(a.start, b.start)
  || (meet(a.start, b.start) && a['start included'] && !b['start included']);
const ends = (a, b) => before(b.end, a.end) || (meet(a.end, b.end) && (a['end included'] || !b['end included']));
const sharesStart = (a, b) => meet(a.start, b.start) && a['start included'] === b['start included'];
const sharesEnd = (a, b) => meet(a.end, b.end) && a['end included'] === b['end included'];
/** The end of one is after the start of the other, or they share that value. */
const reaches = (a, b) => before(b.start, a.end) || (meet(a.end, b.start) && a['end included'] && b['start included']);
const point = value => ({ start: value, end: value, 'start included': true, 'end included': true });

function precedes(a, b) {
  return before(a.end, b.start) || (meet(a.end, b.start) && !(a['end included'] && b['start included']));
}

function covers(range, other) {
  return starts(range, other) && ends(range, other);
}

function finishes(a, b) {
  return isRange(a) ? sharesEnd(a, b) && starts(b, a) : b['end included'] && meet(b.end, a);
}

function begins(a, b) {
  return isRange(a) ? sharesStart(a, b) && ends(b, a) : b['start included'] && meet(b.start, a);
}

const meets = (a, b) => meet(a.end, b.start) && a['end included'] && b['start included'];
const overlapsBefore = (a, b) => startsEarlier(a, b) && reaches(a, b) && ends(b, a);
const overlapsAfter = (a, b) => startsEarlier(b, a) && reaches(b, a) && ends(a, b);

const ANY = [ 'pp', 'pr', 'rp', 'rr' ];
const turned = relation => (a, b) => relation(b, a);

/** name -> [which of point and range it takes, the relation] */
const RELATIONS = {
  before: [ ANY, (a, b) => precedes(spanned(a), spanned(b)) ],
  after: [ ANY, (a, b) => precedes(spanned(b), spanned(a)) ],
  meets: [ [ 'rr' ], meets ],
  'met by': [ [ 'rr' ], turned(meets) ],
  overlaps: [ [ 'rr' ], (a, b) => reaches(a, b) && reaches(b, a) ],
  'overlaps before': [ [ 'rr' ], overlapsBefore ],
  'overlaps after': [ [ 'rr' ], overlapsAfter ],
  finishes: [ [ 'pr', 'rr' ], finishes ],
  'finished by': [ [ 'rp', 'rr' ], turned(finishes) ],
  includes: [ [ 'rp', 'rr' ], (a, b) => covers(a, spanned(b)) ],
  during: [ [ 'pr', 'rr' ], (a, b) => covers(b, spanned(a)) ],
  starts: [ [ 'pr', 'rr' ], begins ],
  'started by': [ [ 'rp', 'rr' ], turned(begins) ],
  coincides: [ [ 'pp', 'rr' ], (a, b) => isRange(a) ? sharesStart(a, b) && sharesEnd(a, b) : meet(a, b) ]
};
const NAMES = [ 'range1', 'range2', 'point1', 'point2', 'range', 'point', 'value' ];

const spanned = value => isRange(value) ? value : point(value);

function related(shapes, relation) {
  return Object.assign((...args) => {
    const given = args.filter(each => each !== undefined);
    const shape = given.map(each => isRange(each) ? 'r' : 'p').join('');
    if (given.length !== 2 || given.some(isNil) || !shapes.includes(shape) || !orderable(...given.map(spanned))) {
      return null;
    }
    return relation(...given);
  }, { $args: NAMES });
}

function orderable(a, b) {
  const value = each => each.start ?? each.end;
  return order(value(a), value(b)) !== null;
}

export const RANGE_FUNCTIONS = Object.fromEntries(
  Object.entries(RELATIONS).map(([ name, [ shapes, relation ] ]) => [ name, related(shapes, relation) ])
);

const WRITTEN = /^\s*([[(\]])(.*)\.\.(.*)([\])[])\s*$/s;

/** The function `range`: from text whose ends are literals; `read` evaluates one. */
export function rangeFrom(text, read) {
  const found = WRITTEN.exec(text);
  if (!found) {
    return null;
  }
  const [ start, end ] = [ found[2], found[3] ].map(part => part.trim() ? read(part) : null);
  const distance = isNil(start) || isNil(end) ? null : order(start, end);
  return distance === null || distance > 0 ? null : rangeOf(start, end, found[1] === '[', found[4] === ']');
}
