/*
 * Types of a decision file inside V8, beside feelin: which values are of them, and what becomes of those that are not
 * (DMN 10.3.2.9.4: null). A model's types are the plain JSON made by engine/dmn/reading.py.
 */
(() => {
  const { builtins, FunctionWrapper, isMonthly, kindOf, unaryTest } = globalThis.feel.parts;

  const isList = Array.isArray;
  const isNull = value => value === null || value === undefined;

  const DATE_TIMES = [ 'date and time', 'dateTime' ];
  const KINDS = {
    string: [ 'string' ],
    number: [ 'number' ],
    integer: [ 'number' ], // Camunda 7's
    long: [ 'number' ],
    double: [ 'number' ],
    boolean: [ 'boolean' ],
    date: [ 'date' ],
    time: [ 'time' ],
    'date and time': [ 'date time' ],
    dateTime: [ 'date time' ],
    'days and time duration': [ 'duration' ],
    dayTimeDuration: [ 'duration' ],
    'years and months duration': [ 'duration' ],
    yearMonthDuration: [ 'duration' ],
    context: [ 'context' ]
  };

  /** The value as a type: itself, out of a list of one, into a list of one, or null when it is of another type. */
  function conform(value, type, model) {
    if (isNull(value) || !type || type === 'Any') {
      return value ?? null;
    }
    if (fits(value, type, model)) {
      return value;
    }
    if (kindOf(value) === 'date' && DATE_TIMES.includes(model.types[type]?.base || type)) {
      return builtins['date and time'](value); // its local midnight, as wherever a date meets an instant
    }
    if (isList(value) && value.length === 1 && fits(value[0], type, model)) {
      return value[0];
    }
    return !isList(value) && fits([ value ], type, model) ? [ value ] : null;
  }

  /** Arguments as their types; null when one is missing or of another type. */
  function conforming(args, types, model) {
    if (args.length < types.length) {
      return null;
    }
    const values = types.map((type, place) => conform(args[place] ?? null, type, model));
    return values.some((value, place) => isNull(value) && !isNull(args[place])) ? null : values;
  }

  function fits(value, type, model) {
    if (isNull(value) || !type || type === 'Any') {
      return true;
    }
    const item = model.types[type];
    if (item) {
      return fitsItem(value, item, model);
    }
    const kinds = KINDS[type];
    return !kinds || (kinds.includes(kindOf(value)) && (kinds[0] !== 'duration' || rightDuration(value, type)));
  }

  const rightDuration = (value, type) => isMonthly(value) === type.startsWith('year');

  /** `limits`: whether its allowed values are asked too (they are no part of `instance of`). */
  function fitsItem(value, item, model, limits = true) {
    const right = item.list
      ? isList(value) && value.every(each => fitsOne(each, item, model, limits))
      : fitsOne(value, item, model, limits);
    return right && (!limits || !item.constraint || isNull(value) || passes(item.constraint, value));
  }

  const passes = (tests, value) => unaryTest(tests, { '?': value }).value === true;

  function fitsOne(value, item, model, limits) {
    if (isNull(value)) {
      return true;
    }
    if (item.callable) {
      return value instanceof FunctionWrapper;
    }
    if (item.components) {
      return kindOf(value) === 'context' && item.components.every(part => (
        Object.hasOwn(value, part.name) && fitsItem(value[part.name] ?? null, part, model, limits)
      ));
    }
    return fits(value, item.base, model) && (!limits || !item.allowed || passes(item.allowed, value));
  }

  /** For `instance of` in expressions. */
  function typesOf(model) {
    return Object.fromEntries(
      Object.entries(model.types).map(([ name, item ]) => [ name, value => fitsItem(value, item, model, false) ])
    );
  }

  const PARSERS = {
    date: 'date',
    time: 'time',
    'date and time': 'date and time',
    dateTime: 'date and time',
    'days and time duration': 'duration',
    dayTimeDuration: 'duration',
    'years and months duration': 'duration',
    yearMonthDuration: 'duration'
  };

  /** Data given as text where the model declares a date, time or duration. */
  function parsed(value, type, model) {
    const item = model.types[type];
    if (item && !item.list && item.base) {
      return parsed(value, item.base, model);
    }
    return typeof value === 'string' && PARSERS[type] ? builtins[PARSERS[type]](value) ?? null : value;
  }

  globalThis.dmnTypes = { conform, conforming, parsed, typesOf };
})();
