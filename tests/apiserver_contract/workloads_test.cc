// What the API server refuses in workloads, and which of their fields stay.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {
namespace {

TEST_CASE("a deployment selects what its template makes", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: d}, spec: {selector: {matchLabels: {a: d}}, template: {metadata: "
      "{labels: {a: d}}, spec: {containers: [{name: c, image: nginx}]}}}}");
  const Refusal rows[] = {
      {"{spec: {selector: {matchLabels: {a: other}}}}",
       "Deployment.apps \"d\" is invalid: spec.template.metadata.labels: Invalid value: "
       "{\"a\":\"d\"}: `selector` does not match template `labels`"},
      {"{spec: {selector: {matchLabels: null}}}",
       "Deployment.apps \"d\" is invalid: spec.selector: Invalid value: {}: empty selector is "
       "invalid for deployment"},
      {"{spec: {selector: null}}",
       "Deployment.apps \"d\" is invalid: [spec.selector: Required value, "
       "spec.template.metadata.labels: Invalid value: {\"a\":\"d\"}: `selector` does not "
       "match template `labels`]"},
      {"{spec: {selector: {matchExpressions: [{key: a, operator: In, values: []}]}}}",
       "Deployment.apps \"d\" is invalid: [spec.selector.matchExpressions[0].values: Required "
       "value: must be specified when `operator` is 'In' or 'NotIn', spec.selector: Invalid "
       "value: "
       "{\"matchLabels\":{\"a\":\"d\"},\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In"
       "\"}]}: invalid label selector]"},
      {"{spec: {selector: {matchExpressions: [{key: a, operator: Foo}]}}}",
       "Deployment.apps \"d\" is invalid: [spec.selector.matchExpressions[0].operator: "
       "Invalid value: \"Foo\": not a valid selector operator, spec.selector: Invalid value: "
       "{\"matchLabels\":{\"a\":\"d\"},\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Foo"
       "\"}]}: invalid label selector]"},
  };
  CheckRefusals(api, ns.Path("apps/v1", "deployments"), base, rows, 422);
}

TEST_CASE("a deployment's numbers and strategy make sense", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: d}, spec: {selector: {matchLabels: {a: d}}, template: {metadata: "
      "{labels: {a: d}}, spec: {containers: [{name: c, image: nginx}]}}}}");
  const Refusal rows[] = {
      {"{spec: {replicas: -1}}",
       "Deployment.apps \"d\" is invalid: spec.replicas: Invalid value: -1: must be greater "
       "than or equal to 0"},
      {"{spec: {strategy: {type: X}}}",
       "Deployment.apps \"d\" is invalid: spec.strategy: Unsupported value: "
       "{\"Type\":\"X\",\"RollingUpdate\":null}: supported values: \"Recreate\", "
       "\"RollingUpdate\""},
      {"{spec: {strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}}}",
       "Deployment.apps \"d\" is invalid: spec.strategy.rollingUpdate: Forbidden: may not be "
       "specified when strategy `type` is 'Recreate'"},
      {"{spec: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}}}",
       "Deployment.apps \"d\" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid "
       "value: 0: may not be 0 when `maxSurge` is 0"},
      {"{spec: {strategy: {rollingUpdate: {maxUnavailable: '150%'}}}}",
       "Deployment.apps \"d\" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid "
       "value: \"150%\": must not be greater than 100%"},
      {"{spec: {minReadySeconds: -1}}",
       "Deployment.apps \"d\" is invalid: spec.minReadySeconds: Invalid value: -1: must be "
       "greater than or equal to 0"},
      {"{spec: {minReadySeconds: 700}}",
       "Deployment.apps \"d\" is invalid: spec.progressDeadlineSeconds: Invalid value: 600: "
       "must be greater than minReadySeconds"},
      {"{spec: {revisionHistoryLimit: -1}}",
       "Deployment.apps \"d\" is invalid: spec.revisionHistoryLimit: Invalid value: -1: must "
       "be greater than or equal to 0"},
      {"{spec: {progressDeadlineSeconds: -1}}",
       "Deployment.apps \"d\" is invalid: [spec.progressDeadlineSeconds: Invalid value: -1: "
       "must be greater than or equal to 0, spec.progressDeadlineSeconds: Invalid value: -1: "
       "must be greater than minReadySeconds]"},
      {"{spec: {template: {spec: {restartPolicy: Never}}}}",
       "Deployment.apps \"d\" is invalid: spec.template.spec.restartPolicy: Unsupported "
       "value: \"Never\": supported values: \"Always\""},
  };
  CheckRefusals(api, ns.Path("apps/v1", "deployments"), base, rows, 422);
}

TEST_CASE("numbers that are none cannot be decoded", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: d}, spec: {selector: {matchLabels: {a: d}}, template: {metadata: "
      "{labels: {a: d}}, spec: {containers: [{name: c, image: nginx}]}}}}");
  const Refusal rows[] = {
      {"{spec: {replicas: '3'}}",
       "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot "
       "unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"},
      {"{spec: {replicas: 2.5}}",
       "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot "
       "unmarshal number 2.5 into Go struct field DeploymentSpec.spec.replicas of type int32"},
      {"{spec: {paused: 'yes'}}",
       "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot "
       "unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool"},
      {"{spec: {template: []}}",
       "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot "
       "unmarshal array into Go struct field DeploymentSpec.spec.template of type "
       "v1.PodTemplateSpec"},
  };
  CheckRefusals(api, ns.Path("apps/v1", "deployments"), base, rows, 400);
}

TEST_CASE("a job's numbers and modes make sense", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: j}, spec: {template: {spec: {restartPolicy: Never, containers: "
      "[{name: c, image: x}]}}}}");
  const Refusal rows[] = {
      {"{spec: {parallelism: -1}}",
       "Job.batch \"j\" is invalid: spec.parallelism: Invalid value: -1: must be greater than "
       "or equal to 0"},
      {"{spec: {completions: -1, backoffLimit: -1}}",
       "Job.batch \"j\" is invalid: [spec.completions: Invalid value: -1: must be greater "
       "than or equal to 0, spec.backoffLimit: Invalid value: -1: must be greater than or "
       "equal to 0]"},
      {"{spec: {completionMode: X}}",
       "Job.batch \"j\" is invalid: spec.completionMode: Unsupported value: \"X\": supported "
       "values: \"NonIndexed\", \"Indexed\""},
      {"{spec: {ttlSecondsAfterFinished: -1}}",
       "Job.batch \"j\" is invalid: spec.ttlSecondsAfterFinished: Invalid value: -1: must be "
       "greater than or equal to 0"},
      {"{spec: {activeDeadlineSeconds: -1}}",
       "Job.batch \"j\" is invalid: spec.activeDeadlineSeconds: Invalid value: -1: must be "
       "greater than or equal to 0"},
      {"{spec: {template: {spec: {restartPolicy: Always}}}}",
       "Job.batch \"j\" is invalid: spec.template.spec.restartPolicy: Required value: valid "
       "values: \"OnFailure\", \"Never\""},
      {"{spec: {podReplacementPolicy: X}}",
       "Job.batch \"j\" is invalid: spec.podReplacementPolicy: Unsupported value: \"X\": "
       "supported values: \"Failed\", \"TerminatingOrFailed\""},
      {"{spec: {backoffLimitPerIndex: 1}}",
       "Job.batch \"j\" is invalid: spec.backoffLimitPerIndex: Invalid value: 1: requires "
       "indexed completion mode"},
      {"{spec: {completionMode: Indexed, completions: 3, backoffLimitPerIndex: 1, "
       "maxFailedIndexes: 5}}",
       "Job.batch \"j\" is invalid: spec.maxFailedIndexes: Invalid value: 5: must be less "
       "than or equal to completions"},
      {"{spec: {manualSelector: true}}",
       "Job.batch \"j\" is invalid: [spec.selector: Required value, "
       "spec.template.metadata.labels: Invalid value: null: `selector` does not match "
       "template `labels`]"},
  };
  CheckRefusals(api, ns.Path("batch/v1", "jobs"), base, rows, 422);
}

TEST_CASE("a cron job has a schedule that can be read", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: cj}, spec: {schedule: '*/5 * * * *', jobTemplate: {spec: {template: "
      "{spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}}}}");
  const Refusal rows[] = {
      {"{spec: {schedule: ''}}", "CronJob.batch \"cj\" is invalid: spec.schedule: Required value"},
      {"{spec: {schedule: '* * *'}}",
       "CronJob.batch \"cj\" is invalid: spec.schedule: Invalid value: \"* * *\": expected "
       "exactly 5 fields, found 3: [* * *]"},
      {"{spec: {schedule: '61 * * * *'}}",
       "CronJob.batch \"cj\" is invalid: spec.schedule: Invalid value: \"61 * * * *\": end of "
       "range (61) above maximum (59): 61"},
      {"{spec: {schedule: '5-3 * * * *'}}",
       "CronJob.batch \"cj\" is invalid: spec.schedule: Invalid value: \"5-3 * * * *\": "
       "beginning of range (5) beyond end of range (3): 5-3"},
      {"{spec: {schedule: '*/0 * * * *'}}",
       "CronJob.batch \"cj\" is invalid: spec.schedule: Invalid value: \"*/0 * * * *\": step "
       "of range should be a positive number: */0"},
      {"{spec: {schedule: a * * * *}}",
       "CronJob.batch \"cj\" is invalid: spec.schedule: Invalid value: \"a * * * *\": failed "
       "to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax"},
      {"{spec: {schedule: '0 0 * * 7'}}",
       "CronJob.batch \"cj\" is invalid: spec.schedule: Invalid value: \"0 0 * * 7\": end of "
       "range (7) above maximum (6): 7"},
      {"{spec: {schedule: TZ=UTC * * * * *}}",
       "CronJob.batch \"cj\" is invalid: spec.schedule: Invalid value: \"TZ=UTC * * * * *\": "
       "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"},
      {"{spec: {schedule: '@foo'}}",
       "CronJob.batch \"cj\" is invalid: spec.schedule: Invalid value: \"@foo\": unrecognized "
       "descriptor: @foo"},
      {"{spec: {timeZone: Nope/Zone}}",
       "CronJob.batch \"cj\" is invalid: spec.timeZone: Invalid value: \"Nope/Zone\": unknown "
       "time zone Nope/Zone"},
      {"{spec: {concurrencyPolicy: X}}",
       "CronJob.batch \"cj\" is invalid: spec.concurrencyPolicy: Unsupported value: \"X\": "
       "supported values: \"Allow\", \"Forbid\", \"Replace\""},
      {"{spec: {startingDeadlineSeconds: -1}}",
       "CronJob.batch \"cj\" is invalid: spec.startingDeadlineSeconds: Invalid value: -1: "
       "must be greater than or equal to 0"},
      {"{spec: {successfulJobsHistoryLimit: -1}}",
       "CronJob.batch \"cj\" is invalid: spec.successfulJobsHistoryLimit: Invalid value: -1: "
       "must be greater than or equal to 0"},
  };
  CheckRefusals(api, ns.Path("batch/v1", "cronjobs"), base, rows, 422);
}

TEST_CASE("a stateful set is named for its pods", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: s}, spec: {selector: {matchLabels: {a: d}}, template: {metadata: "
      "{labels: {a: d}}, spec: {containers: [{name: c, image: nginx}]}}, serviceName: s}}");
  const Refusal rows[] = {
      {"{metadata: {name: a.b}}",
       "StatefulSet.apps \"a.b\" is invalid: metadata.name: Invalid value: \"a.b\": must not "
       "contain dots"},
      {"{spec: {podManagementPolicy: X}}",
       "StatefulSet.apps \"s\" is invalid: spec.podManagementPolicy: Invalid value: \"X\": "
       "must be 'OrderedReady' or 'Parallel'"},
      {"{spec: {updateStrategy: {type: X}}}",
       "StatefulSet.apps \"s\" is invalid: spec.updateStrategy: Invalid value: "
       "{\"Type\":\"X\",\"RollingUpdate\":null}: must be 'RollingUpdate' or 'OnDelete'"},
      {"{spec: {replicas: -1}}",
       "StatefulSet.apps \"s\" is invalid: spec.replicas: Invalid value: -1: must be greater "
       "than or equal to 0"},
      {"{spec: {serviceName: A_}}",
       "StatefulSet.apps \"s\" is invalid: spec.serviceName: Invalid value: \"A_\": a "
       "lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
       "and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', "
       "regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
  };
  CheckRefusals(api, ns.Path("apps/v1", "statefulsets"), base, rows, 422);
}

TEST_CASE("a daemon set updates as it is told", "[contract]") {
  Target& api = *GENERATE(from_range(Targets()));
  INFO(api.name());
  Namespace ns(api);
  const Value base = Yaml(
      "{metadata: {name: d}, spec: {selector: {matchLabels: {a: d}}, template: {metadata: "
      "{labels: {a: d}}, spec: {containers: [{name: c, image: nginx}]}}}}");
  const Refusal rows[] = {
      {"{spec: {updateStrategy: {type: X}}}",
       "DaemonSet.apps \"d\" is invalid: spec.updateStrategy: Unsupported value: "
       "{\"Type\":\"X\",\"RollingUpdate\":null}: supported values: \"RollingUpdate\", "
       "\"OnDelete\""},
      {"{spec: {minReadySeconds: -1}}",
       "DaemonSet.apps \"d\" is invalid: spec.minReadySeconds: Invalid value: -1: must be "
       "greater than or equal to 0"},
      {"{spec: {template: {spec: {restartPolicy: Never}}}}",
       "DaemonSet.apps \"d\" is invalid: spec.template.spec.restartPolicy: Unsupported value: "
       "\"Never\": supported values: \"Always\""},
      {"{spec: {updateStrategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 0}}}}",
       "DaemonSet.apps \"d\" is invalid: spec.updateStrategy.rollingUpdate.maxUnavailable: "
       "Required value: cannot be 0 when maxSurge is 0"},
  };
  CheckRefusals(api, ns.Path("apps/v1", "daemonsets"), base, rows, 422);
}

}  // namespace
}  // namespace sluice::apiserver_contract
