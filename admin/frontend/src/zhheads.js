// Chinese for what the panel calls an element at its head: made of the kind of event, its place, and whether it interrupts.
const KINDS = { '': '', 'Cancel ': '取消', 'Compensate ': '补偿', 'Conditional ': '条件', 'Error ': '错误', 'Escalation ': '升级', 'Link ': '链接', 'Message ': '消息', 'Multiple ': '多重', 'Parallel Multiple ': '并行多重', 'Parallel ': '并行多重', 'Signal ': '信号', 'Timer ': '定时', 'Terminate ': '终止' };
const PLACES = { 'Start Event': '开始事件', 'End Event': '结束事件', 'Intermediate Catch Event': '中间捕获事件', 'Intermediate Throw Event': '中间抛出事件', 'Boundary Event': '边界事件' };
const heads = {
  'Data Input': '数据输入', 'Data Output': '数据输出', 'Data Input Association': '数据输入关联', 'Data Output Association': '数据输出关联', 'Event Sub Process': '事件子流程', 'Event Based Gateway': '事件网关', Gateway: '网关',
  'Collapsed Sub Process': '子流程（收起）', 'Expanded Sub Process': '子流程（展开）', 'Collapsed Ad Hoc Sub Process': '自由子流程（收起）', 'Expanded Ad Hoc Sub Process': '自由子流程（展开）', Results: '结果',
};
for (const [kind, zh] of Object.entries(KINDS)) {
  for (const [place, where] of Object.entries(PLACES)) {
    heads[kind + place] = zh + where;
    heads[`${kind}${place} (Non Interrupting)`] = `${zh}${where}（不中断）`;
  }
}
export default heads;
