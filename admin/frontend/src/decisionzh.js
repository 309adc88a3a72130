// Chinese for dmn-js and its panel, by their own English text. What is not here is shown in English: the browser walk looks.
import { chinese } from './jsxsay.js';

const TEXTS = {
  // tables
  'Activate hand tool': '拖动画布', 'Activate lasso tool': '框选', 'Add cell description': '给这一格加说明', 'Remove cell description': '去掉这一格的说明', 'Add input': '添加输入列', 'Add input column left': '左边加输入列', 'Add input column right': '右边加输入列',
  'Add output': '添加输出列', 'Add output column left': '左边加输出列', 'Add output column right': '右边加输出列', 'Add parameter': '添加参数', 'Remove parameter': '去掉参数', 'Add predefined values': '添加可选的值', 'Clear predefined values': '清空可选的值',
  'Predefined values': '可选的值', 'Add rule': '添加规则', 'Add rule above': '上面加规则', 'Add rule below': '下面加规则', 'Remove rule': '删除规则', 'Copy rule': '复制规则', 'Cut rule': '剪切规则', 'Paste rule above': '粘贴到上面', 'Paste rule below': '粘贴到下面', 'Move rule': '移动规则', 'Move Input': '移动输入列', 'Move Output': '移动输出列',
  'Add text annotation': '添加注释', 'Add values': '添加值', Annotation: '注释', Annotations: '备注', 'Copy input column': '复制输入列', 'Copy output column': '复制输出列', 'Cut input column': '剪切输入列', 'Cut output column': '剪切输出列',
  'Paste input column left': '粘贴到左边', 'Paste input column right': '粘贴到右边', 'Paste output column left': '粘贴到左边', 'Paste output column right': '粘贴到右边', 'Remove input column': '删除输入列', 'Remove output column': '删除输出列',
  After: '晚于', Before: '早于', Between: '在两者之间', Exactly: '正好是', And: '并且', When: '当', Then: '则', Yes: '是', No: '否', 'Boolean value': '是或否', Comparison: '比较', 'Comparison operator': '比较方式', 'Custom values': '自己填的值',
  'Date and time value': '日期和时间', 'Date and time': '日期和时间', 'Date value': '日期', Date: '日期', Time: '时间', 'Time value': '时间', 'Duration value': '时长', 'Decision name': '决策名称', 'Decision name: ': '决策名称：', 'Definition ID': '文件标识', 'Definition name': '文件名称',
  'Change cell expression language': '换表达式语言', 'Change type': '换类型', 'Connect to other element': '连到别的图形', Delete: '删除', Edit: '编辑', 'Edit boolean': '编辑', 'Edit date and time': '编辑日期和时间', 'Edit date': '编辑日期', 'Edit duration': '编辑时长',
  'Edit end date and time': '编辑结束时间', 'Edit end date': '编辑结束日期', 'Edit end time': '编辑结束时刻', 'Edit formal parameters': '编辑参数', 'Edit function kind': '编辑函数种类', 'Edit input': '编辑输入列', 'Edit output': '编辑输出列', 'Edit number': '编辑数字', 'Edit start date and time': '编辑开始时间',
  'Edit start date': '编辑开始日期', 'Edit start time': '编辑开始时刻', 'Edit string': '编辑文字', 'Edit time': '编辑时间', 'Editing not supported for set expression language': '这种表达式语言不能编辑', 'Element name': '名称', 'End date and time': '结束时间', 'End date': '结束日期', 'End time': '结束时刻', 'End value': '到',
  'Enter expression': '填写公式', Equals: '等于', Exclude: '不含', Include: '包含', Expression: '公式', 'Expression language': '表达式语言', 'Expression language:': '表达式语言：', 'Expression language: {expressionLanguageLabel}': '表达式语言：{expressionLanguageLabel}',
  'Function kind: {kind}': '函数种类：{kind}', Kind: '种类', Greater: '大于', 'Greater or equals': '大于或等于', Less: '小于', 'Less or equals': '小于或等于', 'Hit policy': '命中策略', 'Hit policy:': '命中策略：', 'Input expression': '看哪个变量', 'Input expression: ': '看哪个变量：',
  'Input label': '输入列的名称', 'Input label: ': '输入列的名称：', 'Input type': '输入的类型', 'Input values': '可选的值', Input: '输入', Output: '输出', 'Output label': '输出列的名称', 'Output label: ': '输出列的名称：', 'Output name': '结果存进的变量', 'Output name: ': '结果存进的变量：', 'Output type': '结果的类型', 'Output values': '可选的值',
  'Literal expression': '公式', 'Literal Expression': '公式', 'Literal expression editor': '公式', 'Match none': '都不是', 'Match one': '是其中之一', 'No values': '没有可选的值', Range: '范围', 'Range end operator': '上限', 'Range end value': '上限的值', 'Range start operator': '下限', 'Range start value': '下限的值',
  Resize: '调整宽度', 'Search in diagram': '在图中搜索', 'Set date and time': '设定日期和时间', 'Set date': '设定日期', 'Set duration': '设定时长', 'Set time': '设定时间', 'Set value': '设定值', 'Start date and time': '开始时间', 'Start date': '开始日期', 'Start time': '开始时刻', 'Start value': '从',
  'String value': '文字', 'Strings must be in double quotes': '文字要放在双引号里', 'Test type': '比较方式', Type: '类型', 'Use now': '现在', 'Use today': '今天', Value: '值', Values: '值', 'Variable name': '变量名', 'Variable name:': '变量名：', 'Variable type': '变量类型', 'Variable type:': '变量类型：', 'View DRD': '看关系图',
  name: '名称', '"value"': '"值"', '"value", "value", ...': '"值", "值", …', 'e.g. { example } ': '例如 { example }', 'e.g. { sample }': '例如 { sample }', 'e.g. {sample}': '例如 {sample}', 'e.g. {example}': '例如 {example}',
  // types and hit policies
  string: '文字', boolean: '是或否', number: '数字', date: '日期', time: '时间', dateTime: '日期和时间', dayTimeDuration: '时长（天、时）', yearMonthDuration: '时长（年、月）', Any: '任意', any: '任意',
  Unique: '唯一', First: '首个', Priority: '优先', Collect: '收集', 'Collect (Sum)': '收集（求和）', 'Collect (Min)': '收集（最小）', 'Collect (Max)': '收集（最大）', 'Collect (Count)': '收集（计数）', 'Rule order': '按规则顺序', 'Output order': '按输出顺序',
  'No overlap is possible and all rules are disjoint. Only a single rule can be matched': '规则互不重叠，最多命中一条', 'Rules may overlap. The first matching rule will be chosen': '规则可以重叠，取最上面命中的一条', 'Rules may overlap. The one with the highest priority will be chosen': '规则可以重叠，取输出优先的一条',
  'Rules may overlap. Their output have to match': '规则可以重叠，结果必须一样', 'Collects the values of all matching rules': '把命中的规则的结果都收集起来', 'Collects the values of all matching rules and sums up to a single value': '把命中的规则的结果加起来', 'Collects the values of all matching rules and uses the lowest value': '取命中的规则里最小的结果',
  'Collects the values of all matching rules and uses the highest value': '取命中的规则里最大的结果', 'Collects the values of all matching rules and counts the number of them': '数一数命中几条', 'Collects the values of all matching rules in rule order': '按规则的顺序收集结果', 'Collects the values of all matching rules in decreasing output priority order': '按输出的优先顺序收集结果',
  // graph
  'Append business knowledge model': '接一个知识模型', 'Append decision': '接一个决策', 'Append input data': '接一个输入数据', 'Append knowledge source': '接一个知识来源', 'Create decision': '新建决策', 'Create input data': '新建输入数据', 'Create knowledge model': '新建知识模型', 'Create knowledge source': '新建知识来源',
  Empty: '空白', 'Decision table': '决策表', 'Open decision table': '打开决策表', 'Open literal expression': '打开公式', Decision: '决策', 'Input data': '输入数据', 'Business knowledge model': '知识模型', 'Knowledge source': '知识来源', Definitions: '整个文件', 'Text annotation': '注释', Association: '关联',
  'Information requirement': '需要的信息', 'Knowledge requirement': '需要的知识', 'Authority requirement': '依据',
  // panel
  General: '基本', Documentation: '说明', Variable: '变量', ID: '标识', Name: '名称', Description: '说明', Question: '要回答的问题', 'Allowed answers': '可能的回答', 'Version tag': '版本标签', 'ID must not be empty.': '标识不能为空', 'ID must be unique.': '标识不能重复', 'ID must not contain spaces.': '标识不能有空格', 'ID must not contain prefix.': '标识不能有前缀', 'ID must be a valid QName.': '标识只能用字母、数字、- 和 _，以字母开头',
  'This maps to the decision definition key.': '流程用这个标识引用决策。', 'Toggle section': '展开或收起', 'Section contains edits': '此处有设置', 'Section contains an error': '此处有错误', 'Select an element to edit its properties.': '点一个图形，在这里改它的设置。', 'Select a single element to edit its properties.': '一次只能改一个图形的设置。',
  'Multiple elements are selected. Select a single element to edit its properties.': '选中了几个图形，点其中一个来改设置。', '<none>': '（无）', '<empty>': '（空）', 'Learn more': '了解更多', 'Open documentation': '打开说明', 'Open pop-up editor': '在大窗口中编辑',
  // boxed expressions
  Result: '结果', 'Result type': '结果的类型', 'Expression of type ': '这种表达式（', ' is not supported.': '）这里不能画，请用文字编辑', Parameters: '参数', 'Powered by bpmn.io': '由 bpmn.io 提供',
};

/** dmn-js's own hook. */
export function translate(template, replacements = {}) {
  const text = (chinese && TEXTS[template]) || template;
  return text.replace(/{\s*([^}\s]+)\s*}/g, (_, key) => (key in replacements ? (chinese && TEXTS[replacements[key]]) || replacements[key] : `{${key}}`));
}
