// The set as an AWS CDK app: a stack for each template, and in it one level-1 construct
// for each resource, parameter, rule, condition and output.
//
//     node app.js definitions.json cdk.out
//
// What a hand-written app would have in its source, properties in the CDK's spelling,
// is in definitions.json, which benchmarks/cdk_app.py makes before anything is timed.
const fs = require('fs');
const cdk = require('aws-cdk-lib');
const { Construct } = require('constructs');

const [definitions, outdir] = process.argv.slice(2);
const app = new cdk.App({ outdir, analyticsReporting: false });
for (const [name, definition] of Object.entries(JSON.parse(fs.readFileSync(definitions), withTokens))) {
  addStack(name, definition);
}
app.synth();

function addStack(name, { description, metadata, parameters, rules, conditions, resources, outputs }) {
  // Without the parameter and the rule that every stack has for its bootstrapped account.
  const synthesizer = new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
  const stack = new cdk.Stack(app, name, { synthesizer, description });
  stack.templateOptions.templateFormatVersion = '2010-09-09';
  stack.templateOptions.metadata = metadata;
  addEach(stack, 'Parameters', parameters, cdk.CfnParameter);
  addEach(stack, 'Rules', rules, cdk.CfnRule);
  addEach(stack, 'Outputs', outputs, cdk.CfnOutput);
  const conditionOf = addEach(stack, 'Conditions', conditions, cdk.CfnCondition);
  const made = {};
  for (const [id, { type, properties, options, condition }] of Object.entries(resources)) {
    const resource = type.startsWith('Custom::')
      ? new cdk.CfnResource(stack, id, { type, properties })
      : new (constructOf(type))(stack, id, properties);
    Object.assign(resource.cfnOptions, options);
    resource.cfnOptions.condition = conditionOf[condition];
    made[id] = resource;
  }
  for (const [id, { dependsOn }] of Object.entries(resources)) {
    for (const other of dependsOn) {
      made[id].addDependency(made[other]);
    }
  }
}

// What userPool.ref and Fn.sub() are in a hand-written app.
function withTokens(_, value) {
  const keys = value && typeof value === 'object' ? Object.keys(value) : [];
  return keys.length === 1 && /^(Ref$|Fn::)/.test(keys[0]) ? cdk.Token.asString(value) : value;
}

// Parameters and outputs may share a name; in the tree of constructs they must not.
function addEach(stack, kind, definitions, Kind) {
  const scope = new Construct(stack, kind);
  return Object.fromEntries(Object.entries(definitions).map(([id, properties]) => {
    const element = new Kind(scope, id, properties);
    element.overrideLogicalId(id);
    return [id, element];
  }));
}

function constructOf(type) {
  const [, service, name] = type.split('::');
  const library = service === 'CloudFormation' ? cdk : require(`aws-cdk-lib/aws-${service.toLowerCase()}`);
  return library[`Cfn${name}`];
}
