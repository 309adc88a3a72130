/* `value instance of type` (DMN 10.3.2.3), the types of a decision file among them. */
import { isMonthly, isNil, kindOf } from './kinds.js';

/** Types of the file that is being decided: name -> whether a value is of it; set by the walker for one decision. */
export const own = { types: null };

const DURATIONS = {
  'years and months duration': true,
  yearMonthDuration: true,
  'days and time duration': false,
  dayTimeDuration: false
};
const KINDS = {
  number: 'number',
  string: 'string',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  'date and time': 'date time',
  dateTime: 'date time',
  function: 'function'
};

function splitTypes(text) {
  const parts = [ '' ];
  let depth = 0;
  for (const sign of text) {
    depth += sign === '<' ? 1 : sign === '>' ? -1 : 0;
    if (sign === ',' && !depth) {
      parts.push('');
    } else {
      parts[parts.length - 1] += sign;
    }
  }
  return parts.map(part => part.trim()).filter(Boolean);
}

const GENERIC = {
  list: (value, inner) => kindOf(value) === 'list' && (!inner || value.every(each => fits(each, inner))),
  range: (value, inner) => kindOf(value) === 'range' && (!inner || instanceOf(value.start ?? value.end, inner)),
  context: (value, inner) => kindOf(value) === 'context' && splitTypes(inner ?? '').every(part => {
    const [ key, wanted ] = part.split(/:(.*)/s);
    return Object.hasOwn(value, key.trim()) && fits(value[key.trim()], wanted);
  })
};

const fits = (value, type) => isNil(value) || instanceOf(value, type) === true;

export function instanceOf(value, type) {
  const [ , name, inner ] = /^([^<]*?)\s*(?:<(.*?)>)?\s*(?:->.*)?$/s.exec(type.replace(/\s+/g, ' ').trim()) ?? [];
  if (name === undefined) {
    return null;
  }
  if (own.types && Object.hasOwn(own.types, name)) {
    return !isNil(value) && own.types[name](value);
  }
  if (name === 'Null' || isNil(value)) {
    return name === 'Null' ? isNil(value) : known(name) ? false : null;
  }
  return name === 'Any' ? true : ofBuiltIn(value, name, inner);
}

const known = name => name === 'Any' || name in KINDS || name in DURATIONS || name in GENERIC;

function ofBuiltIn(value, name, inner) {
  if (name in GENERIC) {
    return GENERIC[name](value, inner);
  }
  if (name in DURATIONS) {
    return kindOf(value) === 'duration' && isMonthly(value) === DURATIONS[name];
  }
  if (name === 'function') {
    return kindOf(value) === 'function' || typeof value === 'function';
  }
  return name in KINDS ? kindOf(value) === KINDS[name] : null;
}
