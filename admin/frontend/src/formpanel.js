// Our own groups in form-js's properties panel: what Linli's forms read from `properties` (the control, both languages, its
// settings), each with a field of its own; and what the server does not honour is taken out of the stock groups.
import { h } from 'preact';
import { Condition, asked } from './formcondition.js';
import { FOUND } from './formfields.js';
import { chinese } from './jsxsay.js';

const t = (zh, en) => (chinese ? zh : en);

/** Controls by form-js type: [value, label]. What they check is the server's (engine/forms/kinds.py). */
const WIDGETS = {
  textfield: [['', t('文字', 'Text')], ['person', t('人员', 'Person')], ['unit', t('单位', 'Unit')], ['division', t('行政区划', 'Division')], ['place', t('地点（可填入当前位置）', 'Place (with position)')],
    ['mobile', t('手机号', 'Mobile number')], ['idcard', t('身份证号', 'Identity number')]],
  taglist: [['', t('选项', 'Options')], ['person', t('人员', 'People')]],
  number: [['', t('数字', 'Number')], ['rating', t('星级评价（最大值是几颗星）', 'Stars (maximum = how many)')]],
  filepicker: [['', t('文件', 'File')], ['photo', t('照片', 'Photo')], ['signature', t('手写签名', 'Signature')]],
};
const TEXTS_EN = { label_en: t('英文名称', 'English label'), description_en: t('英文填写说明', 'English description'), text_en: t('英文文字', 'English text'), pattern_message_en: t('不符合格式时的英文提示', 'English message of the pattern') };
const SETTINGS = {
  unit: [['kind', t('只列这些类型的单位（逗号分开）', 'Only units of these kinds (comma separated)')], ['top', t('只列这个单位以下的（单位代码）', 'Only below this unit (its code)')]],
  division: [['top', t('只列这个区划以下的（代码）', 'Only below this division (its code)')]],
};
const OWN = new Set([...Object.keys(TEXTS_EN), 'widget', 'kind', 'top', 'capture', 'pattern_message', 'title', 'title_en']);
const UNUSED = new Set(['versionTag', 'url', 'securityAttributes', 'disableCollapse', 'nonCollapsedItems', 'pagination', 'rowCount', 'time-format', 'use24h', 'time-interval', 'computeOn', 'maxHeight', 'searchable', 'verticalAlignment']);
const UNUSED_GROUPS = new Set(['securityAttributes']);

// ---- entries, drawn as the panel's own are
const entry = (id, ...children) => h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id }, ...children);
const label = (id, text) => h('label', { class: 'bio-properties-panel-label', for: `linli-${id}` }, text);

function Text({ id, title, value, set }) {
  return entry(id, h('div', { class: 'bio-properties-panel-textfield' }, label(id, title),
    h('input', { class: 'bio-properties-panel-input', id: `linli-${id}`, type: 'text', autocomplete: 'off', value, onChange: (event) => set(event.target.value) })));
}
function Choice({ id, title, value, set, choices }) {
  return entry(id, h('div', { class: 'bio-properties-panel-select' }, label(id, title),
    h('select', { class: 'bio-properties-panel-input', id: `linli-${id}`, value, onChange: (event) => set(event.target.value) }, choices.map(([key, text]) => h('option', { value: key, selected: key === value }, text)))));
}
function Tick({ id, title, value, set }) {
  return entry(id, h('div', { class: 'bio-properties-panel-checkbox' },
    h('input', { class: 'bio-properties-panel-input', id: `linli-${id}`, type: 'checkbox', checked: value, onChange: (event) => set(event.target.checked) }), label(id, title)));
}
const edited = () => false;

/** One field's groups; `edit(field, key, value)` is the editor's own undoable command. */
class Groups {
  constructor(field, edit) {
    this.field = field;
    this.properties = field.properties || {};
    this.edit = edit;
  }

  put(name, value) {
    const { [name]: _old, ...rest } = this.properties;
    this.edit(this.field, ['properties'], value ? { ...rest, [name]: value } : rest);
  }

  /** People and units are found by the server: options written before would be the only ones. */
  choose(widget) {
    const { widget: _old, ...rest } = this.properties;
    this.edit(this.field, { properties: widget ? { ...rest, widget } : rest, ...(FOUND.includes(widget) && this.field.values ? { values: undefined } : {}) });
  }

  property(name, title) {
    return { id: `linli-${name}`, component: Text, isEdited: edited, title, value: this.properties[name] || '', set: (value) => this.put(name, value.trim()) };
  }

  english() {
    const { type } = this.field;
    const names = type === 'default' ? [] : [...(type === 'text' ? ['text_en'] : type === 'html' ? ['text_en'] : ['label_en']), ...('description' in this.field || this.properties.description_en ? ['description_en'] : [])];
    if (this.field.validate?.pattern) names.push('pattern_message_en');
    const parts = ['separator', 'spacer'].includes(type) ? [] : names.map((name) => this.property(name, TEXTS_EN[name]));
    return [...parts, ...this.listed('values', 'value'), ...this.listed('columns', 'key')];
  }

  /** The English label of each option, or of each column of a table. */
  listed(list, key) {
    const items = Array.isArray(this.field[list]) ? this.field[list] : [];
    return items.map((item, n) => ({
      id: `linli-${list}-${n}`, component: Text, isEdited: edited, title: `${item.label || item[key]}`, value: item.label_en || '',
      set: (value) => this.edit(this.field, [list], items.map((each, at) => (at === n ? { ...each, label_en: value.trim() || undefined } : each))),
    }));
  }

  control() {
    const choices = WIDGETS[this.field.type], widget = this.properties.widget || '';
    if (!choices) return [];
    const found = [{ id: 'linli-widget', component: Choice, isEdited: edited, title: t('控件', 'Control'), value: widget, choices, set: (value) => this.choose(value) },
      ...(SETTINGS[widget] || []).map(([name, title]) => this.property(name, title))];
    if (widget === 'photo') found.push({ id: 'linli-capture', component: Tick, isEdited: edited, title: t('手机上直接打开相机', 'Open the camera at once'), value: this.properties.capture === 'true', set: (on) => this.put('capture', on ? 'true' : '') });
    return found;
  }

  /** Rows instead of FEEL; the FEEL field stays below them. */
  condition(fields) {
    const set = (hide) => this.edit(this.field, 'conditional', hide ? { hide } : undefined);
    return { id: 'linli-condition', component: Condition, isEdited: edited, field: this.field, fields: asked(fields, this.field), set };
  }

  titles() { return this.field.type === 'default' ? [this.property('title', t('表单标题', 'Title')), this.property('title_en', t('英文标题', 'English title'))] : []; }
}

class LinliPanel {
  constructor(propertiesPanel, formFieldRegistry) {
    this._registry = formFieldRegistry;
    propertiesPanel.registerProvider(this, 500);
  }

  getGroups(field, edit) {
    return (groups) => {
      if (!field) return groups;
      const ours = new Groups(field, edit);
      const kept = groups.filter((group) => !UNUSED_GROUPS.has(group.id)).map((group) => this._trimmed(group));
      kept.find((group) => group.id === 'condition')?.entries.unshift(ours.condition(this._registry.getAll()));
      const made = [
        { id: 'linli-title', label: t('标题', 'Title'), entries: ours.titles() },
        { id: 'linli-control', label: t('控件', 'Control'), entries: ours.control() },
        { id: 'linli-english', label: t('英文', 'English'), entries: ours.english() },
      ].filter((group) => group.entries.length);
      const at = kept.findIndex((group) => group.id === 'general') + 1;
      return [...kept.slice(0, at), ...made, ...kept.slice(at)].filter((group) => group.items || group.entries?.length || group.component);
    };
  }

  /** What the server reads elsewhere or not at all is not offered. */
  _trimmed(group) {
    const found = { ...group };
    if (group.entries) found.entries = group.entries.filter((each) => !UNUSED.has(each.id) && !each.id.endsWith('-increment'));
    if (group.id === 'custom-values') found.items = group.items.filter((item) => !OWN.has(item.label));
    return found;
  }
}
LinliPanel.$inject = ['propertiesPanel', 'formFieldRegistry'];

export default { __init__: ['linliPanel'], linliPanel: ['type', LinliPanel] };
