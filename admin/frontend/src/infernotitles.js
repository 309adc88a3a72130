// Two handles of dmn-js's tables carry a title past its translation: titles are looked up here (build.mjs), texts are not,
// for a designer's own pass there.
import { createVNode as made } from 'inferno';
import { translate } from './decisionzh.js';

export * from 'inferno';
export const createVNode = (flags, type, className, children, childFlags, props, ...rest) => (
  made(flags, type, className, children, childFlags, props?.title ? { ...props, title: translate(props.title) } : props, ...rest));
