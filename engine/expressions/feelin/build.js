/*
 * Bundles entry.js and @bpmn-io/feelin into feel.js, with the licences of everything inside in LICENCES.txt.
 *
 * feelin's module is changed while it is read: each change names its reason, and must find its text exactly once, so that an
 * update of feelin cannot lose one silently.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const esbuild = require('esbuild');

/** A function of feelin's whose place one of ours takes. */
const ours = (name, why) => ({ why, find: `function ${name}(`, put: `function feelin_${name}(` });

const CHANGES = [
  {
    why: 'our parts of the language, and what they need of feelin',
    find: 'function parseParameterNames(fn) {',
    put: `import { equals, kindOf as getType } from './kinds.js';
    import { arithmetic, negated } from './calculate.js';
    import { compared, rangeOf as createRange } from './ranges.js';
    import { propertyOf } from './moments.js';
    import { instanceOf } from './types.js';
    function parseParameterNames(fn) {`
  },
  ours('getType', 'a time was whatever happened in 1900-01-01, a date any midnight in UTC'),
  ours('equals', 'durations by whole seconds, ranges by identity, instants by zone'),
  ours('createRange', 'null ends were open, text was compared with numbers, a loop over 1..2.5 never ended'),
  {
    why: 'values have the properties of the standard, not every one that luxon has',
    find: `if (['nil', 'boolean', 'number', 'string'].includes(getType(context))) {
        return undefined;
    }`,
    put: `if (context === null || context === undefined) {
        return undefined;
    }
    if (Object.getPrototypeOf(context) !== Object.prototype) {
        return propertyOf(context, name);
    }`
  },
  {
    why: 'arithmetic on decimals and durations',
    find: "case 'ArithOp': return (context) => {",
    put: `case 'ArithOp': return (context) => (a, b) => arithmetic(node.input, a(context), b(context));
        case 'feelin_ArithOp': return (context) => {`
  },
  {
    why: 'minus a duration was 0 minus a duration',
    find: 'return op(context)(() => 0, value);',
    put: 'return negated(value(context));'
  },
  ...[ '>', '>=', '<', '<=' ].map(sign => ({
    why: 'a comparison is a range of its own kind',
    find: { '>': "case '>': return (b) => createRange(b, null, false, false);",
      '>=': "case '>=': return (b) => createRange(b, null, true, false);",
      '<': "case '<': return (b) => createRange(null, b, false, false);",
      '<=': "case '<=': return (b) => createRange(null, b, false, true);" }[sign],
    put: `case '${sign}': return (b) => compared('${sign}', b);`
  })),
  {
    why: 'as above',
    find: "case '=': return (b) => (a) => equals(a, b);",
    put: "case '=': return (b) => compared('=', b);"
  },
  {
    why: 'as above',
    find: "case '!=': return (b) => (a) => !equals(a, b);",
    put: "case '!=': return (b) => compared('!=', b);"
  },
  {
    why: 'a null end is no open end',
    find: `const startIncluded = left !== null && args[0] === '[';
            const endIncluded = right !== null && args[3] === ']';`,
    put: "const startIncluded = args[0] === '[', endIncluded = args[3] === ']';"
  },
  {
    why: 'x in one range or value is null when that says nothing',
    find: 'tests = [tests];\n    }\n    return tests.some(test => compareValue(test, value));',
    put: 'return compareValue(tests, value);\n    }\n    return tests.some(test => compareValue(test, value) === true);'
  },
  {
    why: 'a cell with a list of dates compared objects',
    find: 'return test.includes(value);\n                    }\n                    if (typeof test',
    put: 'return test.some(each => equals(each, value) === true) || equals(test, value) === true;'
      + '\n                    }\n                    if (typeof test'
  },
  {
    why: 'a variable in a cell of a boolean column is compared, not taken for a verdict (unless it looks at ?)',
    find: "if (args[0].type === 'boolean' && has$1(context, '?')) {",
    put: `if (args[0].type === 'any' && typeof context['?'] === 'boolean' && !node.input.includes('?')) {
                const found = args[0](context);
                return typeof found === 'boolean' ? found === context['?'] : found;
            }
            if (args[0].type === 'boolean' && has$1(context, '?')) {`
  },
  {
    why: 'only true is true: 0 and "no" were',
    find: 'if (isTruthy(ifCondition(context))) {',
    put: 'if (ifCondition(context) === true) {'
  },
  {
    why: 'a loop over one value is one over a list of it',
    find: `const target = _target(context);
    if (['list', 'range'].includes(getType(target))) {
        return target.map(t => ({ [prop]: t }));
    }
    return null;`,
    put: `const target = _target(context);
    if (target === null || target === undefined) {
        return null;
    }
    const list = ['list', 'range'].includes(getType(target)) ? target : [target];
    return list.map(t => ({ [prop]: t }));`
  },
  {
    why: 'every and some are three-valued',
    find: 'return contexts.every(ctx => isTruthy(_condition(ctx)));',
    put: `let unknown = false;
                for (const ctx of contexts) {
                    const verdict = _condition(ctx);
                    if (verdict === false) {
                        return false;
                    }
                    unknown = unknown || verdict !== true;
                }
                return unknown ? null : true;`
  },
  {
    why: 'as above',
    find: 'return contexts.some(ctx => isTruthy(_condition(ctx)));',
    put: `let unknown = false;
                for (const ctx of contexts) {
                    const verdict = _condition(ctx);
                    if (verdict === true) {
                        return true;
                    }
                    unknown = unknown || verdict !== false;
                }
                return unknown ? null : false;`
  },
  {
    why: 'a filter lost items that are false or null, and asked list[item.ok] once for all items',
    find: `if (['number', 'boolean', 'any'].includes(type)) {
                const idx = filterFn(context);`,
    put: `const inside = el => Object.assign(Object.assign(Object.assign({}, context), { item: el }), getType(el) === 'context' ? el : {});
            if (type === 'any' && filterTarget.length) {
                const first = filterFn(inside(filterTarget[0]));
                if (getType(first) !== 'number') {
                    return filterTarget.filter(el => filterFn(inside(el)) === true);
                }
            }
            if (['number', 'boolean', 'any'].includes(type)) {
                const idx = filterFn(context);`
  },
  {
    why: 'as above',
    find: `return filterTarget.map(el => {
                    const iterationContext = Object.assign(Object.assign(Object.assign({}, context), { item: el }), el);
                    let result = filterFn(iterationContext);`,
    put: `return filterTarget.filter(el => {
                    let result = filterFn(inside(el));`
  },
  {
    why: 'as above',
    find: `if (result === true) {
                        return el;
                    }
                    return result;
                }).filter(isTruthy);`,
    put: 'return result === true;\n                });'
  },
  {
    why: 'the types of parameters were not looked at, and a missing argument was null',
    find: "case 'FormalParameter': return args[0];",
    put: "case 'FormalParameter': return { name: args[0], type: args[1] };"
  },
  {
    why: 'as above',
    find: `const parameterNames = args[2];
            const fnBody = args[4];
            return wrapFunction((...args) => {`,
    put: `const parameterNames = args[2].map(each => each.name), parameterTypes = args[2].map(each => each.type);
            const fnBody = args[4];
            const wrong = (type, value) => type && value !== null && instanceOf(value, type) === false;
            return wrapFunction((...args) => {
                if (parameterTypes.some((type, idx) => args[idx] === undefined || wrong(type, args[idx]))) {
                    return null;
                }`
  },
  {
    why: '"instance of" was not implemented: it took types for variables',
    find: `const b = args[3](context);
            return a instanceof b;`,
    put: 'return instanceOf(a, args[3]);'
  },
  {
    why: 'as above: a type is its text',
    find: "case 'Type': return args[0];",
    put: "case 'Type': return node.input;"
  },
  {
    why: 'as above',
    find: "case 'SpecialType': throw notImplemented('SpecialType');",
    put: "case 'SpecialType': return node.input;"
  },
  {
    why: 'the grammar has no range<...>: it reads list <...>, of the same length, and the type is taken from the text',
    find: "top: 'Expression',\n        contextTracker: trackVariables(context),\n        dialect\n    }).parse(expression);",
    put: `top: 'Expression', contextTracker: trackVariables(context), dialect
    }).parse(expression.replace(/(\\binstance\\s+of\\s+)range(?=\\s*<)/g, '$1list '));`
  },
  {
    why: 'the grammar has no range<...>: it reads list <...>, of the same length, and the type is taken from the text',
    find: "top: 'UnaryTests',\n        contextTracker: trackVariables(context),\n        dialect\n    }).parse(expression);",
    put: `top: 'UnaryTests', contextTracker: trackVariables(context), dialect
    }).parse(expression.replace(/(\\binstance\\s+of\\s+)range(?=\\s*<)/g, '$1list '));`
  },
  {
    why: 'our built-in functions, and the entry that writes every type of value',
    find: 'export { SyntaxError,',
    put: 'export { builtins, fn, FunctionWrapper, listFn, Range, SyntaxError,'
  }
];

function mended(path) {
  return CHANGES.reduce((text, { why, find, put }) => {
    if (text.split(find).length !== 2) {
      throw new Error(`feelin changed, look again: ${why}`);
    }
    return text.replace(find, put);
  }, readFileSync(path, 'utf8'));
}

const plugin = {
  name: 'mended-feelin',
  setup(build) {
    build.onLoad({ filter: /feelin[\\/]dist[\\/]index\.js$/ }, ({ path }) => ({ contents: mended(path), loader: 'js' }));
    // feelin's imports of our modules, and ours of it
    build.onResolve({ filter: /^\.\/(kinds|calculate|ranges|moments|types)\.js$/ }, ({ path }) => ({ path: join(__dirname, path) }));
  }
};

function licences(inputs) {
  const folders = new Set(
    Object.keys(inputs).map(path => /^node_modules\/((@[^/]+\/)?[^/]+)/.exec(path)?.[0]).filter(Boolean)
  );
  return [ ...folders ].sort().map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = [ 'LICENSE', 'LICENSE.md' ].map(each => join(folder, each)).find(each => require('node:fs').existsSync(each));
    return `${name} ${version} (${license})\n\n${readFileSync(file, 'utf8').trim()}\n`;
  }).join(`\n${'-'.repeat(100)}\n\n`);
}

esbuild.build({
  entryPoints: [ 'entry.js' ],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  legalComments: 'none',
  outfile: 'feel.js',
  metafile: true,
  plugins: [ plugin ]
}).then(({ metafile }) => writeFileSync('LICENCES.txt', licences(metafile.inputs)));
