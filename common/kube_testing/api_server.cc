// SPDX-License-Identifier: Apache-2.0
#include "common/kube_testing/api_server.h"

#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"
#include "common/kube/object.h"
#include "common/value/yaml.h"

namespace sluice::kube_testing {

ApiServer::ApiServer()
    : server_(devapi::DevApiServer::Start({}).value()),
      http_(
          kube::CreateHttpClient(kube::ParseKubeconfig(server_->Kubeconfig(), "").value()).value()),
      client_(*http_),
      discovery_(client_),
      ctx_(Context::Background().WithTimeout(absl::Seconds(30))) {}

Value ApiServer::Live(const std::string& manifest) {
  const Value object = value::ParseYaml(manifest).value();
  const kube::Resource resource = discovery_.Resolve(ctx_, kube::GvkOf(object)).value();
  return http_->Get(ctx_, resource, kube::KeyOf(object)).value_or(Value());
}

void ApiServer::Write(const std::string& manifest, const std::string& manager) {
  const Value object = value::ParseYaml(manifest).value();
  const kube::Resource resource = discovery_.Resolve(ctx_, kube::GvkOf(object)).value();
  (void)http_->Apply(ctx_, resource, object, {.field_manager = manager, .force = true}).value();
}

}  // namespace sluice::kube_testing
