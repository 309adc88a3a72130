// BPMN's own description as bpmn-moddle has it, corrected where it would write a file otherwise than the standard says: what
// multi-instance throws, keys of conversations, and the script of a global task would be lost on saving.
import bpmn from 'bpmn-moddle/resources/bpmn/json/bpmn.json';

const BY_NAME = [['CorrelationPropertyRetrievalExpression', 'messagePath'], ['CorrelationPropertyBinding', 'dataPath'], ['ComplexBehaviorDefinition', 'condition'], ['ComplexBehaviorDefinition', 'event']];

const property = (type, name) => bpmn.types.find((one) => one.name === type).properties.find((one) => one.name === name);
for (const [type, name] of BY_NAME) property(type, name).xml = { serialize: 'property' }; // under the property's name, not the type's
delete property('GlobalScriptTask', 'script').isAttr;

export default bpmn;
