/*
 * FEEL for the engine: `@bpmn-io/feelin` with typed values crossing both ways as tagged JSON (engine/expressions/values.py),
 * a given "now" and a given zone. Bundled into feel.js by build.js; runs in a bare V8 (no window, no process).
 *
 * A local date and time is in luxon's SystemZone, which here means the unit's zone of the call, whatever the machine says.
 */
import { DateTime, Duration, IANAZone, Settings, SystemZone } from 'luxon';
import {
  builtins, evaluate, FunctionWrapper, parseExpression, parseUnaryTests, Range, SyntaxError, unaryTest
} from '@bpmn-io/feelin';
import './builtins.js';
import { arithmetic } from './calculate.js';
import { equals, isMonthly, kindOf, lengthOf } from './kinds.js';
import { dateFrom, momentText, offsetText, timeFrom } from './moments.js';
import { own } from './types.js';

let zone = IANAZone.create('UTC');

Object.defineProperties(SystemZone.prototype, {
  name: { get: () => zone.name },
  offset: { value: moment => zone.offset(moment) },
  offsetName: { value: (moment, options) => zone.offsetName(moment, options) },
  formatOffset: { value: (moment, format) => zone.formatOffset(moment, format) }
});

const readers = {
  $date: dateFrom,
  $datetime: text => DateTime.fromISO(text, { zone: SystemZone.instance }),
  $time: timeFrom,
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
  const length = lengthOf(value), size = Math.abs(length);
  const [ tag, text ] = isMonthly(value)
    ? [ '$months', `P${Math.trunc(size)}M` ]
    : [ '$duration', Duration.fromMillis(size).toISO() ];
  return { [tag]: (length < 0 ? '-' : '') + text };
}

/** Python's clock has offsets, no zones by name. */
function writeTime(value) {
  const { seconds, named } = value.zone;
  const east = seconds ?? (named ? named.offset(value.valueOf()) * 60 : null);
  const text = momentText(value.setZone(SystemZone.instance, { keepLocalTime: true }), 'date time').split(/[T]/)[1];
  return { $time: text + (east === null ? '' : east ? offsetText(east) : '+00:00') };
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
  date: value => ({ $date: momentText(value, 'date') }),
  time: writeTime,
  'date time': value => ({ $datetime: value.setZone(SystemZone.instance).toISO() })
};

function write(value) {
  const kind = kindOf(value);
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
    return JSON.stringify({ error: problem.message || String(problem), where, details: problem.details });
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
  parts: {
    answer, arithmetic, builtins, equals, evaluate, FunctionWrapper, isMonthly, kindOf, own, Range, read, unaryTest,
    write
  }
};
