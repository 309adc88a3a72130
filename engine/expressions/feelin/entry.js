/*
 * FEEL for the engine: `@bpmn-io/feelin` with typed values crossing both ways as tagged JSON (engine/expressions/values.py),
 * a given "now" and a given zone. Bundled into feel.js by build.js; runs in a bare V8 (no window, no process).
 *
 * A local date and time is in luxon's SystemZone, which here means the unit's zone of the call, whatever the machine says.
 */
import { DateTime, Duration, FixedOffsetZone, IANAZone, Settings, SystemZone } from 'luxon';
import {
  builtins, evaluate, FunctionWrapper, getType, parseExpression, parseUnaryTests, Range, SyntaxError, unaryTest
} from '@bpmn-io/feelin';

let zone = IANAZone.create('UTC');

Object.defineProperties(SystemZone.prototype, {
  name: { get: () => zone.name },
  offset: { value: moment => zone.offset(moment) },
  offsetName: { value: (moment, options) => zone.offsetName(moment, options) },
  formatOffset: { value: (moment, format) => zone.formatOffset(moment, format) }
});

const dateOf = (moment) => DateTime.fromObject(
  { year: moment.year, month: moment.month, day: moment.day }, { zone: FixedOffsetZone.utcInstance }
);

// feelin's date(x) of a date and time gives the day in UTC, which is yesterday in Shanghai until 08:00
const feelinDate = builtins.date;
builtins.date = Object.assign((...args) => {
  const moment = args.find(arg => DateTime.isDateTime(arg));
  return moment ? dateOf(moment) : feelinDate(...args);
}, { $args: feelinDate.$args });

// feelin's today() is a date and time at local midnight, never equal to a date
builtins.today = Object.assign(() => dateOf(DateTime.now()), { $args: [] });

const readers = {
  $date: text => DateTime.fromISO(`${text}T00:00:00`, { zone: FixedOffsetZone.utcInstance }),
  $datetime: text => DateTime.fromISO(text, { zone: SystemZone.instance }),
  $time: text => DateTime.fromISO(`1900-01-01T${text}`, { setZone: true }),
  $duration: text => Duration.fromISO(text),
  $months: text => Duration.fromISO(text),
  $decimal: text => Number(text),
  $plain: content => readEntries(content)
};

function readEntries(content) {
  const entries = Object.entries(content).filter(([ key ]) => key !== '__proto__');
  return Object.fromEntries(entries.map(([ key, value ]) => [ key, read(value) ]));
}

function read(value) {
  if (Array.isArray(value)) {
    return value.map(read);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const keys = Object.keys(value);
  const reader = keys.length === 1 && Object.hasOwn(readers, keys[0]) && readers[keys[0]];
  return reader ? reader(value[keys[0]]) : readEntries(value);
}

function writeDuration(value) {
  const months = value.years * 12 + value.quarters * 3 + value.months;
  const rest = value.set({ years: 0, quarters: 0, months: 0 }).toMillis();
  const monthly = [ 'years', 'quarters', 'months' ].some(unit => unit in value.toObject());
  if (monthly && rest) {
    throw new Error('a duration of both months and days is not a value');
  }
  const [ sign, length ] = monthly
    ? [ months, `P${Math.abs(Math.trunc(months))}M` ]
    : [ rest, Duration.fromMillis(Math.abs(rest)).toISO() ];
  return { [monthly ? '$months' : '$duration']: (sign < 0 ? '-' : '') + length };
}

const writers = {
  nil: () => null,
  number: value => Number.isFinite(value) ? value : null,
  string: value => value,
  boolean: value => value,
  list: value => value.map(write),
  context: value => {
    const entries = Object.entries(value).map(([ key, part ]) => [ key, write(part) ]);
    const plain = Object.fromEntries(entries);
    return entries.length === 1 && entries[0][0].startsWith('$') ? { $plain: plain } : plain;
  },
  duration: writeDuration,
  date: value => ({ $date: value.toISODate() }),
  time: value => ({ $time: value.toISOTime({ includeOffset: value.zone !== SystemZone.instance }) }),
  'date time': value => ({ $datetime: value.setZone(SystemZone.instance).toISO() })
};

function write(value) {
  const kind = getType(value);
  const writer = writers[kind];
  if (!writer) {
    throw new Error(`the result is a ${kind}, not a value`);
  }
  return writer(value);
}

/** Run one computation at an instant (ms since 1970) in a zone, and give its outcome as JSON: {value, warnings} or {error}. */
function answer(now, zoneName, compute) {
  Settings.now = () => now;
  zone = IANAZone.create(zoneName === 'UTC' ? 'Etc/UTC' : zoneName);
  try {
    return JSON.stringify(compute());
  } catch (problem) {
    const where = problem instanceof SyntaxError ? problem.position : undefined;
    return JSON.stringify({ error: problem.message || String(problem), where });
  }
}

function outcome({ value, warnings }) {
  return { value: write(value), warnings: warnings.map(({ type, message }) => [ type, message ]) };
}

/** The syntax tree as [name, text, [children]], text only of leaves and literals; throws a SyntaxError like an evaluation. */
function tree(text, unary) {
  const root = { children: [] };
  const stack = [ root ];
  (unary ? parseUnaryTests : parseExpression)(text).iterate({
    enter(node) {
      if (node.type.isError) {
        throw new SyntaxError(`unexpected ${node.from < text.length ? text.slice(node.from, node.from + 12) : 'end'}`, {
          position: { from: node.from, to: node.to }
        });
      }
      if (node.type.isSkipped) {
        return false;
      }
      if (stack.length > 300) {
        throw new Error('nested too deeply');
      }
      stack.push({ name: node.name, from: node.from, to: node.to, children: [] });
    },
    leave(node) {
      if (!node.type.isSkipped) {
        const { name, from, to, children } = stack.pop();
        const leaf = !children.length || name.endsWith('Literal');
        stack[stack.length - 1].children.push([ name, leaf ? text.slice(from, to) : '', children ]);
      }
    }
  });
  return root.children[0];
}

globalThis.feel = {
  evaluate: (now, zoneName, text, context) => answer(
    now, zoneName, () => outcome(evaluate(text, read(JSON.parse(context))))
  ),
  unary: (now, zoneName, text, context) => answer(
    now, zoneName, () => outcome(unaryTest(text, read(JSON.parse(context))))
  ),
  tree: (text, unary) => answer(0, 'UTC', () => ({ value: tree(text, unary) })),
  builtins: () => JSON.stringify(Object.keys(builtins)),

  // for the decision walker (engine/dmn/walker.js), which is loaded beside this bundle
  parts: { answer, builtins, evaluate, FunctionWrapper, getType, Range, read, unaryTest, write, DateTime, Duration }
};
