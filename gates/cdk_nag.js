// Prints, for each template file named on the command line, what cdk-nag's
// AwsSolutions rules find in it, as one JSON list.
const { App, Stack } = require('aws-cdk-lib');
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include');
const { AwsSolutionsChecks } = require('cdk-nag');

const reports = process.argv.slice(2).map((templateFile) => {
  const app = new App();
  new CfnInclude(new Stack(app, 'Set'), 'Template', { templateFile });
  return new AwsSolutionsChecks(app).validateScope(app).violations;
});
console.log(JSON.stringify(reports));
