// The library of fields: what a town's forms ask again and again, as palette entries of their own. Each writes a plain form-js
// component with the property `widget` that the server's forms know (engine/forms/model.py); nothing else is new in the file.
// New components get a Chinese and an English label and a readable name.
import { h } from 'preact';
import { chinese } from './jsxsay.js';
import { NAMES } from './formzh.js';

/** [palette id, form-js type, Chinese, English, name, icon, what it writes] */
export const LIBRARY = [
  ['linli-person', 'textfield', '人员', 'Person', 'person', 'user', { properties: { widget: 'person' } }],
  ['linli-people', 'taglist', '多位人员', 'People', 'people', 'users', { properties: { widget: 'person' } }],
  ['linli-unit', 'textfield', '单位', 'Unit', 'unit', 'building', { properties: { widget: 'unit' } }],
  ['linli-division', 'textfield', '行政区划', 'Division', 'division', 'map-2', { properties: { widget: 'division' } }],
  ['linli-place', 'textfield', '地点', 'Place', 'place', 'map-pin', { properties: { widget: 'place' }, validate: { maxLength: 80 } }],
  ['linli-photo', 'filepicker', '照片', 'Photos', 'photos', 'camera', { properties: { widget: 'photo', capture: 'true' }, multiple: true, accept: 'image/*' }],
  ['linli-signature', 'filepicker', '手写签名', 'Signature', 'signature', 'signature', { properties: { widget: 'signature' }, validate: { required: true } }],
  ['linli-rating', 'number', '星级评价', 'Rating', 'stars', 'star', { properties: { widget: 'rating' }, validate: { max: 5 } }],
  ['linli-mobile', 'textfield', '手机号', 'Mobile number', 'mobile', 'device-mobile', { properties: { widget: 'mobile' } }],
  ['linli-phone', 'textfield', '电话', 'Telephone', 'phone', 'phone', { validate: { validationType: 'phone' } }],
  ['linli-idcard', 'textfield', '身份证号', 'Identity number', 'idcard', 'id', { properties: { widget: 'idcard' } }],
  ['linli-yesno', 'radio', '是或否', 'Yes or no', 'answer', 'circle-check', { values: [{ value: 'yes', label: '是', label_en: 'Yes' }, { value: 'no', label: '否', label_en: 'No' }] }],
];

export const FOUND = ['person', 'unit', 'division']; // choices that the server finds
const NEEDED = ['type', 'subtype', 'isRepeating', 'components']; // what form-js cannot draw a field without
const KEYS = { textfield: 'text', textarea: 'content', number: 'number', datetime: 'date', expression: 'result', filepicker: 'file', checkbox: 'confirmed', checklist: 'choices',
  radio: 'choice', select: 'choice', taglist: 'tags', dynamiclist: 'items', group: 'group' };

const COLUMNS = { ID: '编号', Name: '名称', Date: '日期' };

// a Tabler icon of the page's sprite
const drawn = (name) => ({ width, height }) => {
  const sprite = (document.querySelector('svg.icon use')?.getAttribute('href') || '').split('#')[0];
  return h('svg', { width, height, viewBox: '-8 -8 40 40', class: 'fjs-palette-field-icon' }, h('use', { href: `${sprite}#${name}`, width: 24, height: 24 }));
};

class LinliFields {
  constructor(formFields, formFieldRegistry) {
    this._registry = formFieldRegistry;
    for (const [type, field] of Object.entries(formFields._formFields)) if (type !== 'default') this._named(type, field);
    for (const entry of LIBRARY) this._add(formFields, entry);
  }

  /** A name that no field has yet: `photos`, `photos2`, ... */
  _free(name) {
    const taken = new Set(this._registry.getAll().flatMap((field) => [field.key, field.path]));
    let free = name;
    for (let n = 2; taken.has(free); n += 1) free = `${name}${n}`;
    return free;
  }

  /** A component out of the palette says what it is in both languages and has a name one can type. */
  _named(type, field) {
    const create = field.config.create;
    field.config.create = (attrs = {}, isNew = true) => {
      const made = create(attrs, isNew);
      if (!isNew) for (const name of Object.keys(made)) if (!(name in attrs) && !NEEDED.includes(name)) delete made[name]; // opening a file adds nothing to it
      if (FOUND.includes(made.properties?.widget) && !attrs.values) delete made.values; // form-js offers an option of its own
      if (!isNew || attrs.id) return made;
      if (field.config.keyed && !made.key && KEYS[type]) made.key = this._free(KEYS[type]);
      if (type === 'dynamiclist' && !made.path) made.path = this._free(KEYS[type]);
      const label = made.label ?? made.dateLabel;
      if (NAMES[label]) Object.assign(made, { properties: { label_en: label, ...made.properties }, [made.label ? 'label' : 'dateLabel']: NAMES[label] });
      if (made.text === '# Text') Object.assign(made, { text: '说明文字', properties: { text_en: 'Text', ...made.properties } });
      for (const column of made.columns || []) if (COLUMNS[column.label]) Object.assign(column, { label_en: column.label, label: COLUMNS[column.label] });
      for (const option of made.values || []) if (option.label === 'Value') option.label = '选项';
      return made;
    };
  }

  _add(formFields, [type, base, zh, en, name, icon, writes]) {
    const stock = formFields.get(base);
    const field = (props) => stock(props);
    field.config = {
      ...stock.config, type, keyed: true, name: chinese ? zh : en, label: zh, group: 'linli', icon: drawn(icon),
      create: ({ type: _ours, properties = {}, ...attrs } = {}) => {
        const { properties: given = {}, ...more } = structuredClone(writes);
        return { ...more, ...attrs, key: attrs.key || this._free(name), type: base, properties: { ...given, label_en: en, ...properties } };
      },
    };
    formFields.register(type, field);
  }
}
LinliFields.$inject = ['formFields', 'formFieldRegistry'];

export default { __init__: ['linliFields'], linliFields: ['type', LinliFields] };
