// Answers of a Kubernetes API server: lists with their pages, and errors.

// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>
#include <utility>

#include "common/kube/api_error.h"
#include "common/kube/client.h"
#include "common/kube/label_selector.h"
#include "common/kube/object.h"
#include "common/value/json.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

// Answers every request with `body`, and ends after a few pages.
class OneAnswer : public kube::Client {
 public:
  explicit OneAnswer(Value body) : body_(std::move(body)) {}

  absl::StatusOr<Value> Do(const Context&, const kube::ApiRequest&) override {
    if (++pages_ > 5) return absl::UnavailableError("enough");
    return body_;
  }

  absl::Status WatchStream(const Context&, const kube::ApiRequest&,
                           const std::function<absl::Status(kube::WatchEvent)>&) override {
    return absl::UnimplementedError("no watches");
  }

 private:
  const Value body_;
  int pages_ = 0;
};

}  // namespace

FUZZ_TARGET(kube_list, input) {
  http::Response response;
  response.status = 422;
  response.body = std::string(input);
  const absl::Status error = kube::ErrorFromResponse(response, "it");
  Require(!error.ok() && !error.message().empty(), "an error says something");
  (void)kube::ErrorReason(error);
  (void)kube::RetryAfter(error);
  if (const auto selector = kube::LabelSelector::Parse(input); selector.ok()) {
    (void)selector->Matches({{"app", "web"}});
  }
  const auto body = value::ParseJson(input);
  if (!body.ok()) return;
  OneAnswer client(*body);
  const kube::Resource resource = {"apps", "v1", "deployments", "Deployment"};
  const auto list = client.List(Context::Background(), resource, "ns");
  if (!list.ok()) return;
  for (const Value& item : list->items) {
    Require(kube::GvkOf(item).kind == "Deployment", "items have their kind");
    (void)kube::Subject(item);
    (void)kube::Generation(item);
    (void)kube::Deleting(item);
  }
}

}  // namespace sluice::fuzz
