// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/cached_reads.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace sluice::runtime {
namespace {

const kube::Resource kCached[] = {{"", "v1", "secrets", "Secret", true},
                                  {"", "v1", "configmaps", "ConfigMap", true}};

// The object of `resource` that `request` reads, if that is all it does. Names of these kinds need
// no escaping.
std::optional<kube::ObjectKey> ReadOf(const kube::ApiRequest& request,
                                      const kube::Resource& resource) {
  if (request.method != "GET" || !request.query.empty() || !request.impersonate_user.empty()) {
    return std::nullopt;
  }
  absl::string_view path = request.path;
  if (!absl::ConsumePrefix(&path, "/api/v1/namespaces/")) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  if (parts.size() != 3 || parts[1] != resource.plural || parts[2].empty()) return std::nullopt;
  return kube::ObjectKey{std::string(parts[0]), std::string(parts[2])};
}

}  // namespace

CachedReads::CachedReads(kube::Client& client, std::string watched_ns, Clock& clock)
    : client_(client), watched_ns_(std::move(watched_ns)) {
  for (const kube::Resource& resource : kCached) {
    informers_.push_back(
        std::make_unique<Informer>(client, resource, InformerOptions{watched_ns_, "", ""}, clock));
  }
}

std::vector<Informer*> CachedReads::informers() {
  std::vector<Informer*> result;
  for (const auto& informer : informers_) result.push_back(informer.get());
  return result;
}

absl::StatusOr<Value> CachedReads::Do(const Context& ctx, const kube::ApiRequest& request) {
  for (const auto& informer : informers_) {
    const auto key = ReadOf(request, informer->resource());
    if (!key.has_value() || (!watched_ns_.empty() && key->ns != watched_ns_)) continue;
    if (const kube::ObjectPtr object = informer->store().Find(*key)) return *object;
    return absl::NotFoundError(
        absl::StrCat(informer->resource().plural, " \"", key->name, "\" not found"));
  }
  return client_.Do(ctx, request);
}

absl::Status CachedReads::WatchStream(
    const Context& ctx, const kube::ApiRequest& request,
    const std::function<absl::Status(kube::WatchEvent)>& on_event) {
  return client_.WatchStream(ctx, request, on_event);
}

}  // namespace sluice::runtime
