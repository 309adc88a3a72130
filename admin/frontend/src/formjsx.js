// What form-js's editor makes its elements with, in place of preact/jsx-runtime (build.mjs).
import { saying } from './jsxsay.js';
import { say } from './formzh.js';

export const { jsx, jsxs, Fragment } = saying(say);
