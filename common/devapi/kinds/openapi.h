// OpenAPI documents: /openapi/v3 (an index, and one document per group and version) and
// /openapi/v2, for built-in and custom kinds. Clients read schemas from them (explain), and from
// the paths which patches and options an operation takes (apply, dry-run, server-side validation).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/kinds/registry.h"
#include "common/http/server.h"

namespace sluice::devapi {

// Documents are made when asked for and kept until the resources change. Thread-safe.
class OpenApi {
 public:
  // `kinds` must outlive this.
  explicit OpenApi(const BuiltinKinds& kinds) : kinds_(kinds) {}

  // The answer to a path under /openapi; nullopt if `path` is none.
  std::optional<http::ServerResponse> Serve(const std::shared_ptr<const ResourceTable>& table,
                                            absl::string_view path);

  // The OpenAPI v3 document of one group and version; null if there is none.
  Value Document(const ResourceTable& table, absl::string_view group,
                 absl::string_view version) const;

 private:
  std::string Index(const ResourceTable& table) const;
  Value Version2(const ResourceTable& table) const;

  const BuiltinKinds& kinds_;
  absl::Mutex mutex_;
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::string> documents_ ABSL_GUARDED_BY(mutex_);  // by path
};

}  // namespace sluice::devapi
