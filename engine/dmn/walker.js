/*
 * Evaluates decisions inside V8, beside feelin (engine/expressions/feelin/entry.js): a whole decision graph in one call.
 *
 * A model is the plain JSON made by engine/dmn/reading.py. Rules are those of DMN 1.5: chapter 8 (tables and hit policies), chapter 10
 * (boxed expressions; types are types.js). Where the specification has an error end as null, this raises: a table that two
 * rules of a UNIQUE table match is a designer's mistake, not an answer.
 */
(() => {
  const {
    answer, arithmetic, builtins, equals, evaluate, FunctionWrapper, kindOf, own, Range, read, unaryTest, write
  } = globalThis.feel.parts;
  const { conform, conforming, parsed, typesOf } = globalThis.dmnTypes;

  const MODELS = 64;
  const models = new Map();
  const isList = Array.isArray;
  const isNull = value => value === null || value === undefined;

  /** An error whose words deciding.py has, in both languages. */
  const refusal = (code, ...details) => Object.assign(new Error(code), { details });

  // ---- expressions

  /** One evaluation of a model over given data: results of nodes are computed once; fired rules are noted. */
  class Evaluation {
    constructor(model, given) {
      this.model = model;
      this.given = given;
      this.results = new Map();
      this.fired = [];
      this.path = [];
    }

    /** The value of a decision, an input, a knowledge model (a function) or a decision service (a function). */
    node(id) {
      if (!this.results.has(id)) {
        const node = this.model.nodes[id];
        if (!node) {
          throw refusal('missing', id);
        }
        if (this.path.includes(id)) {
          throw refusal('circle', [ ...this.path, id ].join(' > '));
        }
        this.path.push(id);
        this.results.set(id, this[node.kind](node));
        this.path.pop();
      }
      return this.results.get(id);
    }

    input(node) {
      const value = Object.hasOwn(this.given, node.name) ? this.given[node.name] : null;
      return conform(parsed(value, node.type, this.model), node.type, this.model);
    }

    decision(node) {
      return conform(this.logic(node.logic, this.scope(node), node), node.type, this.model);
    }

    /** What a node's logic sees: the data given, over it the results it requires, by their names. */
    scope(node) {
      const scope = { ...this.given };
      for (const id of node.requires) {
        const required = this.model.nodes[id];
        const value = this.node(id);
        scope[required ? required.name : id] = value;
      }
      return scope;
    }

    bkm(node) {
      const scope = this.scope(node);
      return this.closure(node.parameters, node.logic, scope, node);
    }

    /** A decision service: a function of its inputs that computes its encapsulated decisions anew. */
    service(node) {
      const names = node.inputs.map(id => this.model.nodes[id]?.name ?? id);
      const types = node.inputs.map(id => this.model.nodes[id]?.type);
      return new FunctionWrapper((...args) => {
        const values = conforming(args, types, this.model);
        if (values === null) {
          return null;
        }
        const given = { ...this.given, ...Object.fromEntries(names.map((name, place) => [ name, values[place] ])) };
        const inner = new Evaluation(this.model, given);
        node.inputs.forEach((id, place) => inner.results.set(id, values[place]));
        const outputs = node.outputs.map(id => {
          const value = inner.node(id); // refuses what is not in the file
          return [ this.model.nodes[id].name, value ];
        });
        this.fired.push(...inner.fired);
        return conform(outputs.length === 1 ? outputs[0][1] : Object.fromEntries(outputs), node.type, this.model);
      }, names);
    }

    /** A function: null when an argument is not of its type (DMN 10.3.2.9.4). */
    closure(parameters, body, scope, node) {
      return new FunctionWrapper((...args) => {
        const given = conforming(args, parameters.map(({ type }) => type), this.model);
        if (given === null) {
          return null;
        }
        const local = { ...scope, ...Object.fromEntries(parameters.map(({ name }, place) => [ name, given[place] ])) };
        return conform(this.logic(body, local, node), node.type, this.model);
      }, parameters.map(({ name }) => name));
    }

    logic(logic, scope, node) {
      return logic ? this[`${logic.is}Logic`](logic, scope, node) : null;
    }

    literalLogic({ text, type }, scope) {
      return conform(text ? evaluate(text, scope).value ?? null : null, type, this.model);
    }

    contextLogic({ entries }, scope, node) {
      const result = {};
      for (const { name, type, logic } of entries) {
        const value = conform(this.logic(logic, { ...scope, ...result }, { ...node, type }), type, this.model);
        if (!name) {
          return value;
        }
        result[name] = value;
      }
      return result;
    }

    listLogic({ items }, scope, node) {
      return items.map(item => this.logic(item, scope, { ...node, type: '' }));
    }

    relationLogic({ columns, rows }, scope, node) {
      return rows.map(row => Object.fromEntries(
        row.map((cell, place) => [ columns[place], this.logic(cell, scope, { ...node, type: '' }) ])
      ));
    }

    functionLogic({ parameters, body, type }, scope, node) {
      return this.closure(parameters, body, scope, { ...node, type });
    }

    invocationLogic({ target, bindings }, scope, node) {
      const called = this.logic(target, scope, { ...node, type: '' });
      if (!(called instanceof FunctionWrapper)) {
        throw refusal('no-function', target.text ?? '');
      }
      const args = Object.fromEntries(
        bindings.map(({ name, logic }) => [ name, this.logic(logic, scope, { ...node, type: '' }) ])
      );
      const unknown = Object.keys(args).find(name => !called.parameterNames.includes(name));
      if (unknown !== undefined) {
        throw refusal('no-parameter', target.text ?? '', unknown);
      }
      return called.invoke(args) ?? null;
    }

    conditionalLogic({ condition, then, otherwise }, scope, node) {
      const holds = this.logic(condition, scope, { ...node, type: '' });
      if (!isNull(holds) && typeof holds !== 'boolean') {
        throw refusal('no-condition');
      }
      return this.logic(holds === true ? then : otherwise, scope, node);
    }

    filterLogic({ source, match }, scope, node) {
      const found = this.logic(source, scope, { ...node, type: '' });
      const list = isNull(found) ? [] : isList(found) ? found : [ found ];
      return list.filter(item => {
        const own = kindOf(item) === 'context' ? item : {};
        return this.logic(match, { ...scope, ...own, item }, { ...node, type: '' }) === true;
      });
    }

    iteratorLogic({ way, variable, source, body }, scope, node) {
      const found = this.logic(source, scope, { ...node, type: '' });
      if (isNull(found)) {
        return null;
      }
      const list = found instanceof Range ? found.map(item => item) : isList(found) ? found : [ found ];
      const results = [];
      for (const item of list) {
        results.push(this.logic(body, { ...scope, [variable]: item, partial: results.slice() }, { ...node, type: '' }));
      }
      if (way === 'for') {
        return results;
      }
      const decisive = way === 'some';
      if (results.includes(decisive)) {
        return decisive;
      }
      return results.every(result => typeof result === 'boolean') ? !decisive : null;
    }

    // ---- decision tables

    tableLogic(table, scope, node) {
      const values = table.inputs.map(input => inputValue(input, scope));
      const matching = table.rules.filter(rule => rule.tests.every((test, place) => (
        !test || test === '-' || unaryTest(test, { ...scope, '?': values[place] }).value === true
      )));
      const chosen = HITS[table.hit](this, table, matching, scope);
      this.fired.push(...chosen.rules.map(rule => [ node.id, rule.id, table.rules.indexOf(rule) + 1 ]));
      return chosen.value;
    }

    /** What one rule says: the value, or a context of the outputs by name. */
    output(table, rule, scope) {
      const values = rule.outputs.map(text => text ? evaluate(text, scope).value ?? null : null);
      return collected(table, values);
    }

    fallback(table, scope) {
      if (table.outputs.every(({ fallback }) => !fallback)) {
        return null;
      }
      return collected(table, table.outputs.map(({ fallback }) => fallback ? evaluate(fallback, scope).value ?? null : null));
    }

    /** Matching rules in the order of their outputs' allowed values, the first column first (DMN 8.2.10). */
    ranked(table, rules, scope) {
      const orders = table.outputs.map(({ allowed }) => allowed ? evaluate(`[${allowed}]`, scope).value : []);
      const rank = rule => rule.outputs.map((text, column) => {
        const value = text ? evaluate(text, scope).value : null;
        const place = orders[column].findIndex(each => same(each, value));
        return place < 0 ? Infinity : place;
      });
      const ranks = new Map(rules.map(rule => [ rule, rank(rule) ]));
      return [ ...rules ].sort((a, b) => {
        const column = ranks.get(a).findIndex((place, each) => place !== ranks.get(b)[each]);
        return column < 0 ? 0 : ranks.get(a)[column] - ranks.get(b)[column];
      });
    }
  }

  function inputValue({ text, allowed }, scope) {
    const value = text ? evaluate(text, scope).value ?? null : null;
    if (allowed && !isNull(value) && unaryTest(allowed, { ...scope, '?': value }).value !== true) {
      throw refusal('not-allowed', text, shown(value), allowed);
    }
    return value;
  }

  function collected(table, values) {
    return table.outputs.length === 1
      ? values[0]
      : Object.fromEntries(values.map((value, place) => [ table.outputs[place].name, value ]));
  }

  const one = (run, table, rule, scope) => rule
    ? { rules: [ rule ], value: run.output(table, rule, scope) }
    : { rules: [], value: run.fallback(table, scope) };

  function many(run, table, rules, scope) {
    if (!rules.length) {
      return { rules, value: run.fallback(table, scope) ?? [] };
    }
    return { rules, value: rules.map(rule => run.output(table, rule, scope)) };
  }

  const present = values => values.filter(value => !isNull(value));
  const AGGREGATORS = {
    COUNT: values => values.length,
    SUM: values => present(values).length ? present(values).reduce((sum, value) => arithmetic('+', sum, value)) : 0,
    MIN: values => builtins.min(present(values)),
    MAX: values => builtins.max(present(values))
  };

  const HITS = {
    UNIQUE(run, table, rules, scope) {
      if (rules.length > 1) {
        const places = rules.map(rule => table.rules.indexOf(rule) + 1).join(', ');
        throw refusal('overlap', places);
      }
      return one(run, table, rules[0], scope);
    },
    ANY(run, table, rules, scope) {
      const chosen = one(run, table, rules[0], scope);
      if (rules.some(rule => !same(run.output(table, rule, scope), chosen.value))) {
        throw refusal('disagree');
      }
      return chosen;
    },
    FIRST: (run, table, rules, scope) => one(run, table, rules[0], scope),
    PRIORITY: (run, table, rules, scope) => one(run, table, run.ranked(table, rules, scope)[0], scope),
    'RULE ORDER': many,
    'OUTPUT ORDER': (run, table, rules, scope) => many(run, table, run.ranked(table, rules, scope), scope),
    COLLECT(run, table, rules, scope) {
      const all = many(run, table, rules, scope);
      if (!table.aggregation) {
        return all;
      }
      if (!rules.length) {
        return { rules, value: run.fallback(table, scope) ?? (table.aggregation === 'COUNT' ? 0 : null) };
      }
      return { rules: all.rules, value: AGGREGATORS[table.aggregation](all.value) };
    }
  };

  const same = (a, b) => equals(a, b) === true;

  function shown(value) {
    return typeof value === 'string' ? `"${value}"` : String(value);
  }

  // ---- calls

  function decided(model, id, given) {
    const run = new Evaluation(model, given);
    const node = model.nodes[id];
    own.types = typesOf(model);
    if (!node || node.kind === 'input') {
      throw refusal('no-decision');
    }
    let value = run.node(id);
    if (node.kind !== 'decision') {
      const types = (node.inputs ?? []).map(each => model.nodes[each]?.type);
      const args = value.parameterNames.map((name, place) => {
        const one = Object.hasOwn(given, name) ? given[name] : null;
        return types[place] ? parsed(one, types[place], model) : one; // a date that came as text, as of input data
      });
      value = value.invoke(args);
    }
    return { value: write(value ?? null), fired: run.fired };
  }

  globalThis.dmn = {
    /** Keep a model under a key; the oldest goes when there are many. */
    learn(key, model) {
      if (models.size >= MODELS) {
        models.delete(models.keys().next().value);
      }
      models.set(key, model);
      return 'learned';
    },

    /** Decide over tagged JSON data; the answer's JSON, or `unknown` when the model must be learned first. */
    decide(now, zone, key, id, given) {
      const model = models.get(key);
      return model ? answer(now, zone, () => decided(model, id, read(JSON.parse(given)))) : 'unknown';
    }
  };
})();
