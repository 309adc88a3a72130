// The same for form-js's fields as the editor shows them: only its own few words, for a designer's labels pass here too.
import { saying, sayer } from './jsxsay.js';

const WORDS = {
  Search: '搜索', Browse: '选择文件', 'Remove tag': '移除', 'No files selected': '还没有选择文件', 'Nothing to show.': '没有内容', 'No results': '没有结果',
  'Add new': '添加一项', 'hh:mm': '时：分', 'hh:mm --': '时：分', 'Powered by bpmn.io': '由 bpmn.io 提供', 'Remove list item': '移除', 'Image placeholder': '图片', 'This is an image placeholder': '图片', Select: '请选择', 'Expression is empty': '公式还没有写', 'Html view is empty': 'HTML 内容还没有写', 'Text view is empty': '说明文字还没有写', 'Image view is empty': '还没有选图片',
  Increment: '增加', Decrement: '减少',
};
export const { jsx, jsxs, Fragment } = saying(sayer(WORDS, [[/^(mm|dd|yyyy)([/.-])(mm|dd|yyyy)\2(mm|dd|yyyy)$/, () => '年-月-日'], [/^Expand all \((\d+)\)$/, (n) => `全部展开（${n}）`]]));
