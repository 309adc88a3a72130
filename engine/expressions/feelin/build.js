/*
 * Bundles entry.js and @bpmn-io/feelin into feel.js, with the licences of everything inside in LICENCES.txt.
 *
 * feelin's module is changed while it is read: each change names its reason, and must find its text exactly once, so that an
 * update of feelin cannot lose one silently.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const esbuild = require('esbuild');

const CHANGES = [
  {
    why: 'an instant is the same in every zone; "is" stays strict',
    find: 'if (strict || a.zone === SystemZone.instance || b.zone === SystemZone.instance) {',
    put: 'if (strict) {'
  },
  {
    why: 'P200D = P201D was true: durations over 180 days were compared by whole months',
    find: "if (Math.abs(a.as('days')) > 180) {",
    put: 'if (a.months || a.years) {'
  },
  {
    why: 'a date among instants is its local midnight: in UTC, due > today() is wrong by eight hours in Shanghai',
    find: 'function includesStart(n, inclusive) {',
    put: `function local(value) {
      return getType(value) === 'date' ? value.setZone(SystemZone.instance, { keepLocalTime: true }) : value;
    }
    function includesStart(n, inclusive) {`
  },
  ...[ '<=', '<', '>=', '>' ].map(operator => ({
    why: 'as above, for each comparison',
    find: `return (value) => n ${operator} value;`,
    put: `return (value) => local(n) ${operator} local(value);`
  })),
  {
    why: 'as above, for equality',
    find: 'return a.toUTC().valueOf() === b.toUTC().valueOf();',
    put: 'return local(a).valueOf() === local(b).valueOf();'
  },
  {
    why: 'as above, for a difference; two dates stay whole days apart',
    find: 'return a.diff(b);',
    put: 'return getType(a) === getType(b) ? a.diff(b) : local(a).diff(local(b));'
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
    why: 'as above',
    find: 'function isTruthy(obj) {',
    put: `${readFileSync('types.js', 'utf8')}
    function isTruthy(obj) {`
  },
  {
    why: 'the entry mends built-in functions and writes every type of value',
    find: 'export { SyntaxError,',
    put: 'export { builtins, FunctionWrapper, getType, Range, SyntaxError,'
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
