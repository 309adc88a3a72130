/*
 * FEEL's arithmetic (DMN 10.3.2.3.1, 10.3.2.11): numbers are decimals there and binary floats here.
 *
 * Numbers of a few digits are calculated as whole numbers of their smallest digit, so that 0.1 + 0.2 is 0.3 and three times
 * 19.9 is 59.7; where that does not fit into 53 bits the float's own result stands. engine/expressions/logic.py does
 * exactly the same, and a differential test holds the two together.
 */
import { Duration, SystemZone } from 'luxon';
import { ClockZone, isMonthly, isNil, kindOf, lengthOf } from './kinds.js';

const POWERS = Array.from({ length: 23 }, (_, power) => 10 ** power); // each of them exact
const SMALLEST = 1e-6;
const isWhole = Number.isSafeInteger;

/** A number as [whole number, places after the point], null when it has too many digits. */
function scaled(number) {
  if (isWhole(number)) {
    return [ number, 0 ];
  }
  if (Math.abs(number) < SMALLEST) {
    return null;
  }
  const [ whole, rest = '' ] = String(number).split('.');
  const joined = Number(whole + rest);
  return rest && rest.length < POWERS.length && isWhole(joined) ? [ joined, rest.length ] : null;
}

const FLOATS = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b
};

/** + - * / of two numbers; the divisor is not 0. */
export function calculated(sign, a, b) {
  return (isWhole(a) && isWhole(b) ? null : decimally(sign, a, b)) ?? FLOATS[sign](a, b);
}

function decimally(sign, a, b) {
  const [ left, right ] = [ scaled(a), scaled(b) ];
  if (!left || !right) {
    return null;
  }
  if (sign === '*') {
    const product = left[0] * right[0], places = left[1] + right[1];
    return isWhole(product) && places < POWERS.length ? product / POWERS[places] : null;
  }
  const places = Math.max(left[1], right[1]);
  const x = left[0] * POWERS[places - left[1]], y = right[0] * POWERS[places - right[1]];
  const result = isWhole(x) && isWhole(y) ? FLOATS[sign](x, y) : null;
  if (result === null || sign === '/') {
    return result;
  }
  return isWhole(result) ? result / POWERS[places] : null;
}

/** The remainder with the divisor's sign; the divisor is not 0. */
export function modulo(a, b) {
  const places = Math.max(scaled(a)?.[1] ?? NaN, scaled(b)?.[1] ?? NaN);
  const x = calculated('*', a, POWERS[places] ?? 1), y = calculated('*', b, POWERS[places] ?? 1);
  const rest = (x % y + y) % y;
  return POWERS[places] ? rest / POWERS[places] : rest;
}

// ---- rounding, on the decimal digits of the shortest text of a number

const LEAST_SCALE = -6111, LARGEST_SCALE = 6176; // DMN 10.3.4.5: those of decimal128
const MOST_DIGITS = 400; // a float has fewer before and after the point

/** [digits as a BigInt, places after the point] */
function digitsOf(number) {
  const [ , sign, whole, rest = '', power = '0' ] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(number));
  return [ BigInt(sign + whole + rest), rest.length - Number(power) ];
}

const NEXT = { // whether the digit before is raised, away from 0; `half`: the sign of the rest minus a half
  up: ({ rest }) => rest !== 0n,
  down: () => false,
  'half up': ({ half }) => half >= 0,
  'half down': ({ half }) => half > 0,
  'half even': ({ half, odd }) => half > 0 || (half === 0 && odd),
  ceiling: ({ rest, negative }) => rest !== 0n && !negative,
  floor: ({ rest, negative }) => rest !== 0n && negative
};

/** A number rounded to so many places after the point by one of the ways above. */
export function rounded(way, number, scale) {
  if (!isWhole(scale) || scale < LEAST_SCALE || scale > LARGEST_SCALE) {
    return null;
  }
  const [ digits, places ] = digitsOf(number);
  const dropped = places - scale;
  if (dropped <= 0) {
    return number;
  }
  const negative = digits < 0n;
  const unit = 10n ** BigInt(Math.min(dropped, 2 * MOST_DIGITS));
  const size = negative ? -digits : digits;
  const kept = size / unit, rest = size % unit;
  const half = rest * 2n > unit ? 1 : rest * 2n === unit ? 0 : -1;
  const result = kept + (NEXT[way]({ rest, half, negative, odd: kept % 2n === 1n }) ? 1n : 0n);
  const found = Number(`${negative && result ? '-' : ''}${result}e${-scale}`);
  return Number.isFinite(found) ? found : null;
}

// ---- all kinds of values

const TEMPORAL = [ 'date', 'time', 'date time' ];

/** FEEL's binary operators; null where they mean nothing. */
export function arithmetic(sign, a, b) {
  const left = kindOf(a), right = kindOf(b);
  if (left === 'number' && right === 'number') {
    return ofNumbers(sign, a, b);
  }
  if (left === 'string' && right === 'string') {
    return sign === '+' ? a + b : null;
  }
  if (left === 'duration' && right === 'duration') {
    return ofDurations(sign, a, b);
  }
  if (left === 'duration' && right === 'number' || left === 'number' && right === 'duration') {
    return ofLength(sign, a, b, left === 'duration');
  }
  if (sign === '+' || sign === '-') {
    return ofMoments(sign, a, b, left, right);
  }
  return null;
}

function ofNumbers(sign, a, b) {
  if (sign === '**' || sign === '^') {
    return a ** b;
  }
  return sign === '/' && b === 0 ? null : calculated(sign, a, b);
}

/** A duration of the kind that another is of. */
function duration(length, like) {
  return Duration.fromObject(isMonthly(like) ? { months: Math.trunc(length) } : { milliseconds: length });
}

function ofDurations(sign, a, b) {
  if (isMonthly(a) !== isMonthly(b)) {
    return null;
  }
  const [ x, y ] = [ lengthOf(a), lengthOf(b) ];
  if (sign === '/') {
    return y === 0 ? null : x / y;
  }
  return sign === '+' || sign === '-' ? duration(FLOATS[sign](x, y), a) : null;
}

function ofLength(sign, a, b, first) {
  if (sign === '*') {
    return first ? duration(lengthOf(a) * b, a) : duration(a * lengthOf(b), b);
  }
  return sign === '/' && first && b !== 0 ? duration(lengthOf(a) / b, a) : null;
}

function ofMoments(sign, a, b, left, right) {
  if (TEMPORAL.includes(left) && right === 'duration') {
    return moved(a, sign === '+' ? b : b.negate(), left);
  }
  if (sign === '+') {
    return left === 'duration' && TEMPORAL.includes(right) ? moved(b, a, right) : null;
  }
  if (!TEMPORAL.includes(left) || !TEMPORAL.includes(right) || (left === 'time') !== (right === 'time')) {
    return null;
  }
  return Duration.fromMillis(instant(a, left, right) - instant(b, right, left));
}

function instant(value, kind, other) {
  return kind === 'date' && other !== 'date'
    ? value.setZone(SystemZone.instance, { keepLocalTime: true }).valueOf()
    : value.valueOf() - (value.zone instanceof ClockZone ? (value.zone.seconds ?? 0) * 1000 : 0);
}

function moved(value, length, kind) {
  if (kind === 'time') {
    return isMonthly(length) ? null : value.plus(length).set({ year: 2000, month: 1, day: 1 });
  }
  const found = value.plus(length);
  return kind === 'date' ? found.startOf('day') : found;
}

/** FEEL's unary minus. */
export function negated(value) {
  if (typeof value === 'number') {
    return 0 - value;
  }
  return !isNil(value) && Duration.isDuration(value) ? value.negate() : null;
}

