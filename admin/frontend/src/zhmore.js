// Chinese for the libraries beside the modeler and its panel: menus, minimap, colours, token simulation. Keys are the English sources.
export default {
  'Set color': '设置颜色', Default: '默认', Blue: '蓝色', Orange: '橙色', Green: '绿色', Red: '红色', Purple: '紫色', 'Open minimap': '打开缩略图', 'Close minimap': '关闭缩略图',
  'Parallel Event based instantiating Gateway': '并行事件起始网关', Templates: '模板', BPMN: 'BPMN', 'Implementation type': '实现方式', 'Documentation: Timer events': '文档：定时事件', 'Timer documentation': '定时说明', '{eventType}: {type}': '{eventType}：{type}',
  'List of process variable names that trigger the condition evaluation.': '哪些变量变化时重新判断条件。', 'Variable events that trigger the condition evaluation.\n\nIf none selected, all variable events will trigger the condition evaluation.': '变量发生哪些变化时重新判断条件；都不选则任何变化都判断。',
  'Click to set a dynamic value with FEEL expression': '点这里改用 FEEL 表达式', 'Click to remove dynamic value with FEEL expression': '点这里改回固定值', 'Click to set a value with FEEL expression': '点这里用 FEEL 表达式', 'Close popup': '关闭大窗口',
  'Align elements left': '左对齐', 'Align elements center': '水平居中', 'Align elements right': '右对齐', 'Align elements top': '上对齐', 'Align elements middle': '垂直居中', 'Align elements bottom': '下对齐',
  // ---- token simulation
  'Token Simulation': '令牌模拟', 'Toggle Simulation Log': '打开或关闭模拟记录', 'Simulation Log': '模拟记录', 'No Entries': '没有记录', 'Reset Simulation': '重新开始模拟', 'Play/Pause Simulation': '继续或暂停模拟', 'Pause Simulation': '模拟已暂停', 'Play Simulation': '模拟继续', 'Found unsupported elements': '有不支持模拟的元素', 'Not supported': '不支持模拟',
  'Set animation speed {n}': '动画速度：{n}', 'Set Sequence Flow': '选择走哪条线', 'Remove pause point': '取消停顿点', 'Add pause point': '在此停顿', 'Trigger Event': '触发', 'Focus process instance {n}': '查看流程实例 {n}', Finished: '已结束', 'Process {n} started': '流程 {n} 开始', 'Process {n} finished': '流程 {n} 结束', 'Process started': '流程开始', 'Process finished': '流程结束', 'SubProcess started': '子流程开始', 'SubProcess finished': '子流程结束', 'Process canceled': '流程已取消', 'SubProcess canceled': '子流程已取消', 'Process {n} canceled': '流程 {n} 已取消',
  'Service Task': '服务任务', 'User Task': '人工任务', 'Call Activity': '调用活动', 'Script Task': '脚本任务', 'Business Rule Task': '业务规则任务', 'Manual Task': '手工任务', 'Receive Task': '接收任务', 'Send Task': '发送任务', Task: '任务', 'Exclusive Gateway': '排他网关', 'Parallel Gateway': '并行网关', 'Inclusive Gateway': '包容网关', 'Start Event': '开始事件', 'Intermediate Event': '中间事件', 'Boundary Event': '边界事件', 'End Event': '结束事件',
  Slow: '慢', Normal: '正常', Fast: '快', 'Hide Simulation Log': '关闭模拟记录', 'Close Simulation Log': '关闭模拟记录',
};
