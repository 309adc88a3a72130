// Chinese for form-js's editor, by its own English text. What is not here is shown in English: the browser walk looks.
import { sayer } from './jsxsay.js';

export const NAMES = {
  'Text field': '单行文字', 'Text area': '多行文字', Number: '数字', 'Date time': '日期时间', Expression: '公式', 'File picker': '文件', Checkbox: '勾选框',
  'Checkbox group': '多选（勾选）', 'Radio group': '单选（圆点）', Select: '下拉选择', 'Tag list': '多选（标签）', 'Text view': '说明文字', 'HTML view': 'HTML 内容',
  'Image view': '图片', Table: '表格', Separator: '分隔线', Spacer: '空白', Group: '分组', 'Dynamic list': '可增减的列表', Button: '按钮', iFrame: '网页框',
  'Document preview': '文档预览', Form: '表单', Date: '日期', Time: '时间', 'Date & Time': '日期和时间',
};

const TEXTS = {
  ...NAMES,
  // palette and canvas
  Town: '社区常用', Input: '填写', Selection: '选择', Presentation: '展示', Containers: '容器', Action: '动作', Components: '组件', 'Search components': '搜索组件', 'Clear content': '清空',
  'No components found.': '没有找到组件', 'Build your form': '开始设计表单', 'Drag and drop components here to start designing.': '点左边的组件，它就加到最后；也可以拖到这里。',
  'Use the preview window to test your form.': '右边的手机预览随时显示填写时的样子。', 'Drag and drop components here.': '选中这里再点组件，或者把组件拖到这里。',
  'Remove form field': '删除', Repeatable: '可增减', Content: '内容', 'Column 1': '第一列', 'Column 2': '第二列', 'Column 3': '第三列',
  // panel
  'Select a form field to edit its properties.': '点一个组件，在这里改它的设置。', General: '基本', Condition: '显示条件', Layout: '布局', Appearance: '外观', Serialization: '保存方式',
  Constraints: '限制', Validation: '校验', 'Custom properties': '其他属性', 'Options source': '选项来源', 'Dynamic options': '变量里的选项', 'Static options': '选项', 'Options expression': '选项公式',
  'Headers source': '列从哪里来', 'Header items': '列',
  'Toggle section': '展开或收起', 'Section contains an error': '此处有错误', 'Section contains edits': '此处有设置', 'Toggle list item': '展开或收起', 'Delete item': '删除', Delete: '删除',
  'Create new list item': '添加一项', Create: '添加', '<empty>': '（空）', '<none>': '（无）', 'Open pop-up editor': '在大窗口中编辑', 'Opened in editor': '正在大窗口中编辑',
  'Opened in popup': '正在大窗口中编辑', 'Close pop-up editor': '关闭', Close: '关闭', 'FEEL expression is mandatory': '必须是 FEEL 公式', 'FEEL expression': 'FEEL 公式',
  'Unparsable FEEL expression.': '公式有误', 'Edit FEEL expression': '编辑公式', 'Click to set a dynamic value with a FEEL expression': '点一下，改用 FEEL 公式',
  'Click to set a dynamic value with FEEL expression': '点一下，改用 FEEL 公式', 'Click to remove FEEL expression': '点一下，不再用公式', 'Click to remove the expression': '点一下，不再用公式', 'Field is required.': '必填',
  // entries
  ID: '标识', Key: '字段名', Path: '字段名', 'Field label': '名称', 'Group label': '分组标题', 'Table label': '表格标题', Title: '标题', Label: '名称', 'Date label': '日期的名称', 'Time label': '时间的名称',
  'Field description': '填写说明', 'Default value': '默认值', Checked: '勾选', 'Not checked': '不勾选', Disabled: '停用', 'Read only': '只读', Multiple: '多个', 'Alternative text': '图片说明',
  'Image source': '图片来源', Text: '文字', Value: '值', Type: '来源', Static: '固定选项', 'Input data': '变量里的选项', 'Input values key': '变量名',
  'Decimal digits': '小数位数', Increment: '每次增减', 'Target value': '公式', 'Compute on': '何时计算', 'Value changes': '内容变化时', 'Form submission': '提交时', 'Output as string': '保存为文字',
  Subtype: '类型', 'Use 24h': '24 小时制', 'Disallow past dates': '不能早于今天', 'Time interval': '时间间隔', 'Time format': '时间格式', 'UTC offset': '带时差', 'UTC normalized': '世界时', 'No timezone': '不带时区',
  Searchable: '可搜索', Prefix: '前缀', Suffix: '后缀', 'Vertical alignment': '上下对齐', Top: '上', Center: '中', Bottom: '下', 'Default number of items': '一开始有几行',
  'Allow add/delete items': '可以增减行', 'Disable collapse': '不折叠', 'Number of non-collapsing items': '超过几行折叠', 'Data source': '数据来源', Pagination: '分页', 'Number of rows per page': '每页行数',
  'List of items': '固定的列', Column: '列', Columns: '宽度（共 16 格）', Auto: '自动', 'Supported file formats': '允许的文件类型', 'Upload multiple files': '可以传多个', 'Show outline': '显示边框',
  'Hide if': '何时隐藏', 'Deactivate if': '何时隐藏', Required: '必填', 'Minimum length': '最少字数', 'Maximum length': '最多字数', Minimum: '最小值', Maximum: '最大值', 'Validation pattern': '格式',
  Custom: '自定义', Email: '电子邮箱', Phone: '电话号码', 'Custom regular expression': '正则表达式', 'Custom error message': '不符合时的提示', Height: '高度', URL: '网址', 'Version tag': '版本标签',
  'Max height of preview container': '最大高度', 'Document reference': '文档',
  // explanations
  'Binds to a form variable': '填写的内容存进这个变量', 'Where the child variables of this component are pathed to.': '里面的字段存在这个变量下',
  'Define an expression to calculate the value of this field': '用公式算出这一项的值', 'Allows arbitrary precision values': '位数很多的数字不会走样', 'Height of the container in pixels.': '单位：像素',
  'Define which input property to populate the values from': '选项取自流程的哪个变量', 'Define an expression to populate the options from.': '用公式给出选项', 'Specify the source from which to populate the table': '表格显示哪个变量或公式的内容',
  'Specify an expression to populate column items': '用公式给出各列', 'Expression or static value (link/data URI)': '公式，或本站的地址', 'Condition under which the field is hidden': '条件成立时，这一项不显示',
  'Condition under which the field is deactivated': '条件成立时，不计算这一项', 'Expression is empty': '公式还没有写', 'Html view is empty': 'HTML 内容还没有写', 'Text view is empty': '说明文字还没有写', 'Image view is empty': '还没有选图片', 'Table is empty': '表格还没有设置',
  'Learn more': '了解更多', 'Supports markdown and templating.': '可以用 Markdown 和 {{公式}}。', 'Supports HTML, styling, and templating. Styles are automatically scoped to the HTML component.': '可以用 HTML 和 {{公式}}。',
  'A comma-separated list of': '用逗号分开的', 'file type specifiers': '文件类型',
  'Descriptive text for screen reader accessibility.': '读屏软件会读出来', 'The error message to display when the input does not match the regular expression.': '填写的内容不符合正则表达式时显示',
  'Disable this field when it should not be interactive for end-users. Its data will not be submitted. This setting takes precedence over read-only.': '填写人不能操作这一项，它的内容不提交。',
  'Make this field read-only when it cannot be edited by the end-user, but its content is important for them to see. Its data will still be submitted.': '填写人能看到这一项，但不能改。',
  'Use a unique "key" to link the form element and the related input/output data. When dealing with nested data, break it down in the user task\'s input mapping before using it.': '条件和公式里用这个名字引用填写的内容，同一张表单里不能重复。',
  'Routes the children of this component into a form variable, may be left empty to route at the root level.': '里面的字段存在这个变量下；留空则和外面的字段放在一起。',
  'Routes the children of this component into a form variable.': '里面的字段存在这个变量下。',
  'Enter a form input variable that contains the data for the table or define an expression to populate the data dynamically.': '填写存有表格内容的变量，或写一个公式。',
  'Link referring to a hosted image, or use a data URI directly to embed image data into the form.': '附件的编号，或本站图片的地址。',
  'Add properties directly to the form schema, useful to configure functionality in custom-built task applications and form renderers.': '高级：直接写进表单文件的属性。',
  '"Static" defines a constant, predefined set of form options.\n\n"Input data" defines options that are populated dynamically, adjusting based on variable data for flexible responses to different conditions or inputs.\n\n"Expression" defines options that are populated from a FEEL expression.': '“固定选项”在这里逐个写；“变量里的选项”取自流程的变量；“公式”由 FEEL 公式给出。',
  '"List of items" defines a constant, predefined set of form options.\n\n"Expression" defines options that are populated from a FEEL expression.\n': '“固定的列”在这里逐个写；“公式”由 FEEL 公式给出。',
  // refusals
  'Must not be empty.': '不能为空', 'Must not be empty': '不能为空', 'Must be unique.': '不能重复', 'Must not contain spaces.': '不能有空格', 'Must not contain prefix.': '不能有前缀', 'Must be a valid QName.': '只能用字母、数字、- 和 _，以字母开头',
  'Must be a variable or a dot separated path.': '应是变量名，或用点分开的名字', 'Must not contain numerical path segments.': '名字不能是数字', 'Must not be a prohibited path.': '这个名字不能用',
  'Must not cause two binding paths to collide': '字段名不能与别的重复', 'Should be a valid number': '应为数字', 'Should be a valid number.': '应为数字', 'Should be an integer.': '应为整数', 'Should be greater than zero.': '应大于零',
  'Should be greater than or equal to zero.': '不能小于零', 'A number is required.': '请填数字', 'Must be number': '应为数字', 'Value must be a number.': '应为数字',
};

const PATTERNS = [
  [/^Create an? (.+) element$/, (name) => `添加“${say(name)}”`], [/^Remove (.+)$/, (name) => `删除“${say(name)}”`], [/^(\d+)m$/, (n) => `${n} 分钟`], [/^(\d+)h$/, (n) => `${n} 小时`],
  [/^Edit (.+)$/, (name) => `编辑“${say(name)}”`], [/^List contains (\d+) items?$/, (n) => `共 ${n} 项`], [/^(\d+) columns?$/, (n) => `${n} 格`],
];

export const say = sayer(TEXTS, PATTERNS);
