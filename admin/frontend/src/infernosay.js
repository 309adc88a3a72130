// dmn-js's boxed expressions write a few words past their translation: their text nodes are made here instead (build.mjs).
import { createTextVNode as made } from 'inferno';
import { translate } from './decisionzh.js';

export * from 'inferno';
export const createTextVNode = (text, ...rest) => made(typeof text === 'string' ? translate(text) : text, ...rest);
